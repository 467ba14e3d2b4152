import { loadavg } from 'node:os'
import type { Contender } from '../../decisions/check/contenders.ts'
import { cpuMicros } from '../../decisions/check/process-use.ts'
import { again, measured, median } from '../../decisions/check/round.ts'
import type { House } from './house.ts'

const ROUNDS = 9
const IN_A_ROUND = 1500
const WARM_UP = 20_000
const AT_ONCE = 16

/** A house, and who in it is asked what. */
export interface Side {
  readonly house: House
  readonly asked?: Contender
}

/** CPU of a decision, microseconds: of the authorizer, and of its store. */
interface Cost {
  readonly authorizer: number
  readonly store: number
}

/** As long as a process gets faster: one that has been asked more often would look cheaper. */
export async function warm({ house, asked = house.authorizer }: Side): Promise<void> {
  for (let count = 0; count < WARM_UP; count += IN_A_ROUND) {
    await again(() => measured(asked, load => load.count(AT_ONCE, IN_A_ROUND)))
  }
}

/**
 * What a decision costs in one house beside what it costs in the other, both warm: rounds that take turns, and of those the median of the ratios
 * within each. Prints it.
 */
export async function beside(what: string, large: Side, small: Side): Promise<void> {
  const found: { readonly large: Cost; readonly small: Cost }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    // Nobody is always the first.
    if (round % 2 === 0) found.push({ large: await costOf(large), small: await costOf(small) })
    else found.push(await costOf(small).then(async cost => ({ small: cost, large: await costOf(large) })))
  }
  const of = (part: keyof Cost): string => {
    const ratio = median(found.map(each => each.large[part] / each.small[part]))
    const micros = (side: 'large' | 'small') => median(found.map(each => each[side][part])).toFixed(0)
    return `${part} ${ratio.toFixed(2)} times (${micros('large')} and ${micros('small')} µs)`
  }
  console.log(`${what}: ${of('authorizer')}, ${of('store')}; load ${loadavg()[0]?.toFixed(0)}`)
}

async function costOf({ house, asked = house.authorizer }: Side): Promise<Cost> {
  return again(async () => {
    const before = cpuMicros(house.valkey.pid)
    const { micros, waits } = await measured(asked, load => load.count(AT_ONCE, IN_A_ROUND))
    return { authorizer: micros, store: (cpuMicros(house.valkey.pid) - before) / waits.length }
  })
}
