import { assertGrowsEvenly } from './growth.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'

const GROWTH_EVERY = 1000
const KEPT = 4000
const MOST_KINDS = 500_000
/** For settling what waits, and so that timers run. */
const SETTLE_EVERY = 500

export interface Target {
  readonly name: string
  readonly seeds: readonly Uint8Array[]
  /** What kind of input it was: one that says something new is kept and changed further. Throws where a promise is broken. */
  readonly run: (bytes: Uint8Array) => string
  /** Whatever takes longer than a call: questions to the API server's own code. Rejects where a promise is broken. */
  readonly settle?: () => Promise<void>
}

export interface Fuzzed {
  readonly runs: number
  readonly kinds: number
}

interface Run {
  readonly seed: number
  readonly forMs: number
  /** However long they take. */
  readonly atLeastRuns?: number
}

/** Changes the seeds, and what came of them, until the time is over and there were enough runs. Throws with the input, as small as it was found to fail. */
export async function fuzz(target: Target, { seed, forMs, atLeastRuns = 0 }: Run): Promise<Fuzzed> {
  const random = new Random(seed)
  const corpus: Uint8Array[] = []
  const kinds = new Set<string>()
  const deadline = performance.now() + forMs
  let runs = 0
  const take = (bytes: Uint8Array) => {
    runs += 1
    const kind = attempt(target, bytes)
    if (kinds.has(kind)) return
    if (kinds.size < MOST_KINDS) kinds.add(kind)
    if (corpus.length < KEPT) corpus.push(bytes)
    else corpus[random.below(KEPT)] = bytes
  }
  for (const each of target.seeds) take(each)
  while (performance.now() < deadline || runs < atLeastRuns) {
    take(mutate(random.pick(random.below(4) === 0 ? target.seeds : corpus), random, corpus))
    if (runs % GROWTH_EVERY === 0) grow(target, random.pick(corpus), random)
    if (runs % SETTLE_EVERY === 0) await (target.settle?.() ?? new Promise(resolve => setImmediate(resolve)))
  }
  await target.settle?.()
  return { runs, kinds: kinds.size }
}

function attempt(target: Target, bytes: Uint8Array): string {
  try {
    return target.run(bytes)
  } catch (error) {
    throw new Error(`${target.name} fails on ${shown(shrink(target, bytes))}`, { cause: error })
  }
}

function grow(target: Target, bytes: Uint8Array, random: Random): void {
  if (bytes.length === 0) return
  try {
    assertGrowsEvenly(bytes, random, target.run)
  } catch (error) {
    throw new Error(`${target.name} grows on ${shown(bytes)}`, { cause: error })
  }
}

/** Leaves out what is not needed to fail. */
function shrink(target: Target, bytes: Uint8Array): Uint8Array {
  let smallest = Buffer.from(bytes)
  for (let size = Math.ceil(smallest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at + size <= smallest.length; ) {
      const without = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)])
      if (fails(target, without)) smallest = without
      else at += size
    }
  }
  return smallest
}

function fails(target: Target, bytes: Uint8Array): boolean {
  try {
    target.run(bytes)
    return false
  } catch {
    return true
  }
}

function shown(bytes: Uint8Array): string {
  return `${JSON.stringify(Buffer.from(bytes).toString('latin1'))} (base64 ${Buffer.from(bytes).toString('base64')})`
}
