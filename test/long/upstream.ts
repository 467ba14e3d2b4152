import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { anUpstreamEdition } from '../upstream/an-upstream-edition.ts'
import { compareAll } from '../upstream/compare.ts'
import { type Result, readResults, WRITE_RESULTS, writeResults } from '../upstream/results.ts'
import { buildSuite, testsOf } from '../upstream/suite.ts'

/**
 * Kubernetes' own tests, past the boundary and through it: all that pass directly by the list of results, or, to write that list anew,
 * all that there are, hours long because most of what wants containers waits for them.
 */
const GROUPS = String.raw`\[sig-(api-machinery|apps|auth|cli)\]`
const WITHIN_MS = 150_000

const writes = process.env[WRITE_RESULTS] !== undefined
const { kubectl } = await ensureToolchain(() => undefined)
const program = await buildSuite()
const listed = Object.values(readResults()).flat()
const known = new Set(listed.filter(({ direct }) => direct === 'passed').map(({ name }) => name))
const edition = await anUpstreamEdition()
try {
  const all = await testsOf(program, GROUPS, { kubeconfig: edition.direct, kubectl })
  const names = writes ? all : all.filter(name => known.has(name))
  const report = (line: string) => void process.stderr.write(`${line}\n`)
  const seen = await compareAll(names, { program, kubectl, edition, known, atOnce: 4, withinMs: WITHIN_MS, report })
  if (writes) writeResults(seen)
  const wrong = [...seen.filter(differs).map(toText), ...unlisted(all)]
  const same = seen.filter(({ through }) => through === 'passed').length
  console.log(`${all.length} tests; of ${seen.length} tried ${same} pass through the boundary as directly`)
  for (const line of wrong) console.log(line)
  if (wrong.length > 0) process.exitCode = 1
} finally {
  await edition.playing.stop()
}

/** Than the list says. What was not tried before has nothing to differ from. */
function differs({ name, direct, through }: Result): boolean {
  if (writes) return false
  const before = listed.find(each => each.name === name)
  return before?.direct !== direct || before.through !== through
}

function toText({ name, direct, through, why = '' }: Result): string {
  return `${name}: directly ${direct}, through the boundary ${through ?? 'not tried'}: ${why}`
}

/** A test that came or went with a version of Kubernetes. */
function unlisted(all: readonly string[]): readonly string[] {
  if (writes) return []
  const before = new Set(listed.map(({ name }) => name))
  const now = new Set(all)
  const came = all.filter(name => !before.has(name)).map(name => `${name}: is not in the list`)
  return [...came, ...[...before].filter(name => !now.has(name)).map(name => `${name}: is no longer there`)]
}
