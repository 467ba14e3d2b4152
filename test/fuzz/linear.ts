import type { Shape } from './shapes.ts'

/** Works on a text. What it returns is of no interest. */
export type Work = (text: string) => unknown

/** Four times the text may take four times the time, and a bit; a square takes sixteen times. */
const MAX_RATIO = 10
const SQUARE = 16
/** What grows with the text even where a pause fell on its quarter; all else is looked at closely. */
const PLAIN_RATIO = 6
/** Less is nobody's harm, and the clock and the garbage collector would say more about it than the code, milliseconds. */
const LEAST_MS = 40
const LEAST_OF_A_QUARTER_MS = 2.5
/** The kernel counts a thread's time in steps of some milliseconds: what is short is done so many times for each look. */
const TIMES_A_QUARTER = 4
const ATTEMPTS = 2
const ROUNDS = 6

/** What is too slow: a shape with which the work grows faster than the text, or takes more than `mostMs` in any case. */
export async function findSlow(
  work: Work,
  shapes: readonly Shape[],
  length: number,
  mostMs: number,
): Promise<readonly string[]> {
  const slow: string[] = []
  // Code runs ten times slower before it is compiled.
  for (const { text } of shapes.slice(0, 20)) await work(text(length >> 4))
  for (const { name, text } of shapes) {
    const quarter = text(length >> 2)
    const least = await tookAtMost(work, quarter)
    if (least * SQUARE < LEAST_MS) continue
    const large = text(length)
    const most = await tookAtMost(work, large)
    if (most < LEAST_MS || (most <= mostMs && most <= least * PLAIN_RATIO)) continue
    const found = await isSlow(work, large, quarter, mostMs)
    if (found !== null) slow.push(`${name}: ${found}`)
  }
  return slow
}

/** Milliseconds, pauses of the machine included. */
async function tookAtMost(work: Work, text: string): Promise<number> {
  const from = performance.now()
  await work(text)
  return performance.now() - from
}

/** What grows too fast does so each time; caches and the garbage collector do not. */
async function isSlow(work: Work, large: string, quarter: string, mostMs: number): Promise<string | null> {
  let found: string | null = null
  for (let round = 0; round < ROUNDS; round += 1) {
    const most = await best(work, large)
    if (most < LEAST_MS) return null
    const ratio = most / Math.max(LEAST_OF_A_QUARTER_MS, await best(work, quarter, TIMES_A_QUARTER))
    if (ratio <= MAX_RATIO && most <= mostMs * timesAsSlow()) return null
    found = `${most.toFixed(0)} ms, ${ratio.toFixed(1)} times a quarter's`
  }
  return found
}

/** Steps that wait for each other, four cycles each: what a processor of 3 GHz that works for nobody else needs for them, milliseconds. */
const STEPS = 10_000_000
const STEPS_MS = 13.3
const AT_MOST_TIMES = 6

/** How much slower this processor is at the moment, where others are served by it as well: its time is told as ours. */
function timesAsSlow(): number {
  const from = process.threadCpuUsage()
  let sum = 1
  for (let step = 0; step < STEPS; step += 1) sum = (Math.imul(sum, 31) + step) | 0
  const { user, system } = process.threadCpuUsage(from)
  const ms = sum === 0 ? 0 : (user + system) / 1000
  return Math.min(AT_MOST_TIMES, Math.max(1, ms / STEPS_MS))
}

async function best(work: Work, text: string, times = 1): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) least = Math.min(least, await timed(work, text, times))
  return least
}

/** Milliseconds of this thread alone: who else is at work on the machine must not count. */
async function timed(work: Work, text: string, times = 1): Promise<number> {
  const from = process.threadCpuUsage()
  for (let time = 0; time < times; time += 1) await work(text)
  const { user, system } = process.threadCpuUsage(from)
  return (user + system) / 1000 / times
}
