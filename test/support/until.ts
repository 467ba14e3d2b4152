import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

const AT_MOST_TIMES = 4

/** Resolves once the condition holds; fails with what was waited for when it does not in time: so many ms on an idle machine, up to four times as many on a busy one. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const began = Date.now()
  for (let asked = began; !(await holds()); asked = Date.now()) {
    const waited = Date.now() - began
    if (waited > stretched(withinMs)) throw new Error(`waited ${waited} ms for ${what}`)
    // To ask may mean a process: what is waited for has at least as much of the machine as the question.
    await pause(Math.max(10, Date.now() - asked))
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
