import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildTestPrograms } from '../test/support/programs/programs.ts'
import { STRAY_ERRORS } from '../test/support/stray-errors.ts'
import { atOnce } from './testing/at-once.ts'
import { type Counts, countResults, notTried, type VitestResults } from './testing/count-results.ts'
import { forgetCompiled } from './testing/forget-compiled.ts'
import {
  areNodeTests,
  IN_EVERY_RUN,
  NODE_CONFIG,
  namedAsNotRun,
  nodeConfigs,
  nodeTestFile,
  prepareNodeTests,
} from './testing/node-tests.ts'
import { ensureProgram } from './testing/one-program.ts'
import { afterAnotherTry, type Run, worthAnotherTry } from './testing/run-again.ts'
import { LONGEST, SHORT, SLOW } from './testing/slow-first.ts'
import { cacheRoot, type Report } from './toolchain/cache.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

/** A file descriptor, or our own. */
type Output = number | 'inherit'

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules/.bin')
const PROJECTS: readonly string[] = ['--project=parts', '--project=e2e']
const LINT = [['biome', 'check', '--error-on-warnings', '.'], ['tsc'], ['tsc', '-p', 'local/release/client']].map(
  words => (output: number) => check(words, output),
)
const COUNTS_STRAYS = join(ROOT, 'test/support/stray-errors.ts')
const BUILD_IMAGES = join(import.meta.dirname, 'testing/build-images.ts')

/** The last line counts everything: a lint or type error is one failure, a skipped test is one too unless it says what tool is missing. */
async function main(args: readonly string[]): Promise<Counts> {
  const report = (line: string) => void process.stdout.write(`${line}\n`)
  await ensureToolchain(report)
  await buildTestPrograms(report)
  process.env['PROGRAM_UNDER_TEST'] ??= await ensureProgram(report)
  await forgetCompiled(join(cacheRoot(), 'compiled'))
  // Of what kubectl and an API server do in a few seconds, up to a quarter saves memory. Set late: compilers have more to save.
  process.env['GOGC'] ??= '400'
  return sum(await checks(args, report))
}

async function checks(args: readonly string[], report: Report): Promise<readonly Counts[]> {
  if (args.length === 0) return allChecks(report)
  if (args[0] === '--short') return shortChecks(args.slice(1), report)
  // Those whose modules differ from what git has; the others take minutes to build, or to wait.
  if (args.some(arg => arg.startsWith('--changed'))) return [await tests([...PROJECTS, ...args])]
  // Asking for certain tests means those alone.
  return areNodeTests(args) ? nodeTests(args, report) : [await tests(args)]
}

/** Whether there will be a node is asked first: what it is made of is built beside the other tests. */
async function allChecks(report: Report): Promise<readonly Counts[]> {
  const why = IN_EVERY_RUN.length === 0 ? null : await prepareNodeTests(report)
  const withNode = IN_EVERY_RUN.length > 0 && why === null
  const checked = await atOnce([], LINT)
  const tested = await atOnce(
    [testsTwice(PROJECTS, [])],
    // What mostly waits has a vitest of its own.
    [output => testsTwice(['--project=aged'], [], output), ...(withNode ? [buildImages] : [])],
  )
  return [...checked, ...tested, ...(await fewNodeTests(why, report))]
}

/** Most tests in some minutes, without those that take longest. */
async function shortChecks(args: readonly string[], report: Report): Promise<readonly Counts[]> {
  process.env[SHORT] = 'yes'
  const counts = await atOnce([testsTwice(['--project=parts', ...args], [])], LINT)
  report(
    `not run here: test/e2e, ${SLOW.join(', ')} and ${LONGEST.length} files of local/testing/slow-first.ts: npm test`,
  )
  return counts
}

function sum(counts: readonly Counts[]): Counts {
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
    skipped: counts.reduce((sum, { skipped }) => sum + skipped, 0),
  }
}

/** Where they cannot run, that is said by name: nothing of them has passed. */
async function nodeTests(args: readonly string[], report: Report): Promise<readonly Counts[]> {
  const why = await prepareNodeTests(report)
  if (why === null) {
    const counts: Counts[] = []
    for (const config of nodeConfigs(args)) counts.push(await tests(['--config', config, ...args]))
    return counts
  }
  for (const line of await namedAsNotRun(ROOT, why)) report(line)
  return []
}

/** After all others, for a node wants the whole machine. */
async function fewNodeTests(why: string | null, report: Report): Promise<readonly Counts[]> {
  const run = why === null ? IN_EVERY_RUN.map(nodeTestFile) : []
  const counts = run.length === 0 ? [] : [await testsTwice(['--config', NODE_CONFIG], run)]
  const asked = 'it wants root and minutes: npm test -- test/node'
  for (const line of await namedAsNotRun(ROOT, why ?? asked, run)) report(line)
  const release = 'it builds images: npm test -- test/release'
  for (const line of await namedAsNotRun(ROOT, release, [], 'test/release')) report(line)
  return counts
}

/** What cannot be built is no failure yet: the node's tests try again, and fail by it. */
async function buildImages(output: Output): Promise<Counts> {
  await run(process.execPath, [BUILD_IMAGES], output)
  return { passed: 0, failed: 0, skipped: 0 }
}

async function check([tool = '', ...args]: readonly string[], output: number): Promise<Counts> {
  writeSync(output, `${[tool, ...args].join(' ')}\n`)
  return (await run(join(BIN, tool), args, output)) === 0
    ? { passed: 1, failed: 0, skipped: 0 }
    : { passed: 0, failed: 1, skipped: 0 }
}

/** Of a whole run: what failed in few files is tried once more, alone, and said where it passes then. */
async function testsTwice(args: readonly string[], files: readonly string[], output: Output = 'inherit') {
  const first = await vitest([...args, ...files], output)
  const again = worthAnotherTry(first.results, first, ROOT)
  if (first.results === null || again.length === 0) return countResults(first.results, first.code)
  tell(output, `once more, alone: ${again.join(', ')}`)
  const second = await vitest([...args, ...again], output)
  const { unsteady, ...counts } = afterAnotherTry(first.results, second.results, second.code, ROOT)
  for (const one of unsteady) tell(output, `UNSTEADY, failed and passed alone, to be mended: ${one}`)
  return counts
}

async function tests(args: readonly string[], output: Output = 'inherit'): Promise<Counts> {
  const { results, code } = await vitest(args, output)
  return countResults(results, code)
}

function tell(output: Output, line: string): void {
  writeSync(output === 'inherit' ? process.stdout.fd : output, `${line}\n`)
}

async function vitest(args: readonly string[], output: Output): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-test-'))
  const [file, strays] = [join(directory, 'results.json'), join(directory, 'stray-errors')]
  try {
    const reporters = [
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      `--reporter=${COUNTS_STRAYS}`,
    ]
    const env = { [STRAY_ERRORS]: strays }
    const code = await run(join(BIN, 'vitest'), ['run', ...reporters, ...args], output, env)
    const results = await readFile(file, 'utf8').then(
      text => JSON.parse(text) as VitestResults,
      () => null,
    )
    for (const name of results === null ? [] : notTried(results)) tell(output, name)
    const errors = Number(await readFile(strays, 'utf8').catch(() => '1'))
    return { results, code, errors }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Interrupted, we wait for the tool, so that the last line is the last, and go on with no other. */
function run(
  tool: string,
  args: readonly string[],
  output: Output = 'inherit',
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn(tool, args, { cwd: ROOT, stdio: ['inherit', output, output], env: { ...process.env, ...env } })
  let interrupted: NodeJS.Signals | null = null
  const passOn = (signal: NodeJS.Signals) => {
    interrupted = signal
    child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  return new Promise<number>((resolve, reject) => {
    child.once('error', () => resolve(127))
    child.once('exit', code =>
      interrupted === null ? resolve(code ?? 1) : reject(new Error(`ended by ${interrupted}`)),
    )
  }).finally(() => {
    for (const signal of signals) process.off(signal, passOn)
  })
}

main(process.argv.slice(2)).then(
  ({ passed, failed, skipped }) => {
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1
    process.stdout.write(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`)
  },
  (error: Error) => {
    process.exitCode = 1
    process.stderr.write(`leasegate: ${error.message}\n`)
    process.stdout.write('0 passed, 1 failed\n')
  },
)
