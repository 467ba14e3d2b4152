import { setTimeout as pause } from 'node:timers/promises'
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

const TRIES = 30
/** Of an authorizer whose store, or whose own process, got no turn within its deadline; of an Envoy that waited for that in vain. */
const LATE = ['could not decide in time', 'the authorizer is not available']
const PAUSE_MS = 1000

/**
 * What a round says. On a crowded machine a decision may come too late, which denies it: that round is taken again, and so are those
 * after it, some times. Any other answer that is wrong rejects.
 */
export async function again<T>(round: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await round()
    } catch (error) {
      if (tries === TRIES || !(error instanceof Error) || !LATE.some(late => error.message.includes(late))) throw error
      console.log('(a decision was late; the round is taken again)')
      await pause(PAUSE_MS)
    }
  }
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
}

/** Of numbers that ascend. */
export function quantile(numbers: readonly number[], share: number): number {
  return numbers[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? Number.NaN
}
