import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Contender, type Contenders, startContenders } from '../bench/decisions/check/contenders.ts'
import { measured, median } from '../bench/decisions/check/round.ts'

/** What a decision costs beside grpc-js doing nothing, so many at once: the most of the runs that docs/performance.md tells of. */
const COMMITTED = { 'asked again': 1.35, 'about another object each time': 1.45 } as const
const MORE = 1.3

const AT_ONCE = 16
const WARM_UP = 5000
const IN_A_ROUND = 2000
/** Of both in turn, on a machine that others use as well: a median of three, and so often until one is good. */
const ROUNDS = 3
const TRIES = 5

let contenders: Contenders

beforeAll(async () => {
  contenders = await startContenders({ peers: null, appendfsync: 'everysec' })
  for (const each of [contenders.nothing, contenders.authorizer, contenders.anew]) await micros(each, WARM_UP)
})
afterAll(() => contenders?.stop())

/** NaN where a check was answered late, and so denied: there was no machine to measure on. */
function micros(contender: Contender, checks: number): Promise<number> {
  return measured(contender, load => load.count(AT_ONCE, checks)).then(
    found => found.micros,
    () => Number.NaN,
  )
}

async function ratio(asked: Contender, beside = contenders.nothing): Promise<number> {
  const found: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const least = await micros(beside, IN_A_ROUND)
    found.push((await micros(asked, IN_A_ROUND)) / least)
  }
  return median(found.filter(Number.isFinite))
}

/** Of one object or of another, where nobody looks at which: 1.01, and as many tries. */
const ANEW_BESIDE_AGAIN = 1.2

describe('a decision', () => {
  test('about another object takes hardly more CPU than one that was made before', async () => {
    const found: number[] = []
    while (found.length < TRIES && !found.some(each => each <= ANEW_BESIDE_AGAIN)) {
      found.push(await ratio(contenders.anew, contenders.authorizer))
    }
    expect(Math.min(...found.filter(Number.isFinite)), `ratios ${found.join(', ')}`).toBeLessThanOrEqual(
      ANEW_BESIDE_AGAIN,
    )
  })

  test.each([
    ['asked again', () => contenders.authorizer],
    ['about another object each time', () => contenders.anew],
  ] as const)('%s takes not much more CPU, beside grpc-js doing nothing, than it did', async (how, asked) => {
    const most = COMMITTED[how] * MORE
    const found: number[] = []
    while (found.length < TRIES && !found.some(each => each <= most)) found.push(await ratio(asked()))
    const said = `ratios ${found.map(each => each.toFixed(2)).join(', ')}, and ${most.toFixed(2)} is the most`
    expect(
      found.some(each => each <= most),
      said,
    ).toBe(true)
  })
})
