import type { Random } from './random.ts'

const SMALL_BYTES = 8192
const TIMES_LARGER = 8
/** Eight times the input may take eight times the time, or thirteen with a logarithm; a quadratic one takes sixty-four. */
const MAX_RATIO = 26
/** Below, the clock and the garbage collector say more than the code does, milliseconds. */
const LEAST_MS = 25

/** Throws where one part of an input, repeated, makes the work grow faster than the input. */
export function assertGrowsEvenly(input: Uint8Array, random: Random, run: (bytes: Uint8Array) => unknown): void {
  const from = random.below(input.length)
  const to = from + 1 + random.below(Math.min(64, input.length - from))
  const grown = (length: number) => repeat(input, from, to, length)
  const [small, large] = [grown(SMALL_BYTES), grown(SMALL_BYTES * TIMES_LARGER)]
  if (timed(large, run) < LEAST_MS) return
  const [slow, fast] = [best(large, run), best(small, run, TIMES_LARGER)]
  if (slow < LEAST_MS || slow / fast < MAX_RATIO) return
  throw new Error(`${large.length} bytes take ${slow.toFixed(0)} ms, ${small.length} bytes ${fast.toFixed(1)} ms`)
}

function repeat(input: Uint8Array, from: number, to: number, length: number): Buffer {
  const part = input.subarray(from, to)
  const times = Math.ceil(length / Math.max(1, part.length))
  return Buffer.concat([input.subarray(0, from), ...Array.from({ length: times }, () => part), input.subarray(to)])
}

function best(bytes: Uint8Array, run: (bytes: Uint8Array) => unknown, times = 1): number {
  return Math.min(...Array.from({ length: 5 }, () => timed(bytes, run, times)))
}

/**
 * Milliseconds of this thread alone: who else is at work on the machine must not count. The kernel counts them in steps of some
 * milliseconds, so that what is short is done several times for one look.
 */
function timed(bytes: Uint8Array, run: (bytes: Uint8Array) => unknown, times = 1): number {
  const from = process.threadCpuUsage()
  for (let time = 0; time < times; time += 1) run(bytes)
  const { user, system } = process.threadCpuUsage(from)
  return (user + system) / 1000 / times
}
