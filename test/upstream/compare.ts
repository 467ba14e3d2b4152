import { AtMost } from '../clients/matrix/at-most.ts'
import type { UpstreamEdition } from './an-upstream-edition.ts'
import { REASONS } from './reasons.ts'
import { type Result, UNEXPLAINED } from './results.ts'
import { type Access, type Outcome, runTests } from './suite.ts'

export interface Comparison {
  /** The suite's. */
  readonly program: string
  readonly kubectl: string
  readonly edition: UpstreamEdition
  readonly atOnce: number
  /** For one test; what waits for a container would wait for minutes. */
  readonly withinMs: number
  /** What passed directly before: a busy machine gets another try. */
  readonly known: ReadonlySet<string>
  readonly report: (line: string) => void
}

/** Each by itself, past the boundary, and where it passes there, through it. What says that it wants to be alone is. */
export async function compareAll(names: readonly string[], comparison: Comparison): Promise<readonly Result[]> {
  const atMost = new AtMost(comparison.atOnce)
  const isSerial = (name: string) => name.includes('[Serial]')
  const results: Result[] = []
  const one = async (name: string) => {
    const result = await compareOne(name, comparison)
    results.push(result)
    const { direct, through = '-', why = '' } = result
    comparison.report(`${results.length}/${names.length} ${direct} ${through} ${name} ${why.split('\n')[0]}`)
  }
  await Promise.all(names.filter(name => !isSerial(name)).map(name => atMost.run(() => one(name))))
  for (const name of names.filter(isSerial)) await one(name)
  return results
}

async function compareOne(name: string, comparison: Comparison): Promise<Result> {
  const { edition, kubectl } = comparison
  const tries = comparison.known.has(name) ? 2 : 1
  const direct = await attempt(tries, name, comparison, { kubeconfig: edition.direct, kubectl })
  if (direct.state !== 'passed') return { name, direct: direct.state, why: direct.said }
  const through = await attempt(2, name, comparison, { kubeconfig: edition.through, kubectl })
  const why = through.state === 'passed' ? {} : { why: REASONS[name] ?? `${UNEXPLAINED}${through.said}` }
  return { name, direct: 'passed', through: through.state, ...why }
}

/** Some of these fail now and then, wherever they run. */
async function attempt(tries: number, name: string, comparison: Comparison, access: Access): Promise<Outcome> {
  const outcome = await runOne(name, comparison, access)
  return outcome.state === 'failed' && tries > 1 ? attempt(tries - 1, name, comparison, access) : outcome
}

async function runOne(name: string, { program, withinMs }: Comparison, access: Access): Promise<Outcome> {
  const outcomes = await runTests(program, [name], { ...access, withinMs })
  return outcomes.get(name) ?? { state: 'failed', said: 'did not run' }
}
