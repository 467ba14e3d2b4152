// CPU of a decision where two authorizers share a store, beside one: how much more the two can do.
import { cpuMicros } from '../decisions/check/process-use.ts'
import { again, measured, median } from '../decisions/check/round.ts'
import { warm } from './house/beside.ts'
import { aHouse } from './house/house.ts'

/*
 * By CPU, for on a machine with two cores the clock says nothing: what a decision costs an authorizer when there are two, and what it costs the
 * store. Two can decide as much more as each spends no more on a decision than the one did, as long as the store has time left.
 */
const ROUNDS = 9
const IN_A_ROUND = 2000
const AT_ONCE = 16

const house = await aHouse()
const one = [house.authorizer]
const two = [house.authorizer, await house.another()]
try {
  for (const asked of two) await warm({ house, asked })
  const found: { readonly times: number; readonly store: number; readonly share: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    // Nobody is always the first.
    const first = await costOf(round % 2 === 0 ? one : two)
    const second = await costOf(round % 2 === 0 ? two : one)
    const { alone, both } = round % 2 === 0 ? { alone: first, both: second } : { alone: second, both: first }
    found.push({
      times: (2 * alone.authorizers) / both.authorizers,
      store: both.store / alone.store,
      share: both.authorizers / both.store,
    })
  }
  const of = (name: keyof (typeof found)[number]) => median(found.map(each => each[name])).toFixed(2)
  console.log(
    `two authorizers can decide ${of('times')} times as much as one; the store spends ${of('store')} times as much on each`,
  )
  console.log(
    `a decision costs an authorizer ${of('share')} times what it costs the store: so many share one thread of it`,
  )
} finally {
  await house.stop()
}

interface Cost {
  readonly authorizers: number
  readonly store: number
}

/** Of a decision, microseconds; as many ask each of them. */
async function costOf(asked: typeof two): Promise<Cost> {
  return again(async () => {
    const pids = asked.map(({ pid }) => pid)
    const used = () => ({ authorizers: sum(pids.map(cpuMicros)), store: cpuMicros(house.valkey.pid) })
    const before = used()
    await Promise.all(asked.map(each => measured(each, load => load.count(AT_ONCE, IN_A_ROUND))))
    const [after, decisions] = [used(), IN_A_ROUND * asked.length]
    return {
      authorizers: (after.authorizers - before.authorizers) / decisions,
      store: (after.store - before.store) / decisions,
    }
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}
