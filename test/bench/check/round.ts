import type { Contender } from './contenders.ts'
import { Load } from './load.ts'
import { cpuMicros } from './process-use.ts'

export interface Measured {
  /** CPU of the server's process for each decision, microseconds. */
  readonly micros: number
  readonly perSecond: number
  /** Milliseconds, ascending. */
  readonly waits: readonly number[]
}

/** One load on one server, and what it took there. Rejects on a wrong answer. */
export async function measured(
  { name, pid, socket, next }: Contender,
  run: (load: Load) => Promise<number[]>,
): Promise<Measured> {
  const load = new Load(name, socket, next)
  const before = cpuMicros(pid)
  const from = performance.now()
  const waits = await run(load).finally(() => load.close())
  const took = performance.now() - from
  const micros = (cpuMicros(pid) - before) / waits.length
  return { micros, perSecond: (waits.length / took) * 1000, waits: waits.sort((a, b) => a - b) }
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
}

/** Of numbers that ascend. */
export function quantile(numbers: readonly number[], share: number): number {
  return numbers[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? Number.NaN
}
