import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

const AT_MOST_TIMES = 4
const LEAST_PAUSE_MS = 10
/** Nobody waits longer than this for nothing, unless to ask takes longer. */
const MOST_PAUSE_MS = 1000

/** Resolves once the condition holds; fails with what was waited for when it does not in time: so many ms on an idle machine, up to four times as many on a busy one. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const began = Date.now()
  for (let asked = began; !(await holds()); asked = Date.now()) {
    const waited = Date.now() - began
    if (waited > stretched(withinMs)) throw new Error(`waited ${waited} ms for ${what}`)
    // To ask may mean a process: what is waited for has twice as much of the machine as the question.
    const took = Date.now() - asked
    await pause(Math.max(LEAST_PAUSE_MS, took, Math.min(MOST_PAUSE_MS, 2 * took)))
  }
}

/** What may take so many ms on an idle machine may take so many here. */
export function stretched(ms: number): number {
  return ms * timesAsSlow()
}

/** How much slower than alone things are here: how many want each processor. */
function timesAsSlow(): number {
  const [lastMinute = 0] = loadavg()
  return Math.min(AT_MOST_TIMES, Math.max(1, lastMinute / availableParallelism()))
}
