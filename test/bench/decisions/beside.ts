// CPU of a decision beside that of another checkout, in rounds that take turns: LEASEGATE_BENCH_BESIDE names its folder.
import { join } from 'node:path'
import { type Contender, startContenders } from './check/contenders.ts'
import { again, measured, median } from './check/round.ts'

/*
 * Whether a change made decisions dearer. Each checkout has its own store, policy and lease, made by its own code, since either may not
 * read what the other writes; the loads are the same. On a machine that others use single rounds say little: the mean of the middle half
 * of many short ones does.
 */
const ROUNDS = 40
const CHECKS = 2500
const AT_ONCE = 16
const WARM_UP_ROUNDS = 10

const { LEASEGATE_BENCH_BESIDE: other } = process.env
if (other === undefined) console.log('nothing to compare with: LEASEGATE_BENCH_BESIDE is not set')
else await compare(other)

async function compare(checkout: string): Promise<void> {
  const theirs: { readonly startContenders: typeof startContenders } = await import(
    join(checkout, 'test/bench/decisions/check/contenders.ts')
  )
  const here = await startContenders({ peers: null, appendfsync: 'everysec' })
  try {
    const there = await theirs.startContenders({ peers: null, appendfsync: 'everysec' })
    try {
      await takeTurns({ nothing: here.nothing, here: here.authorizer, there: there.authorizer })
    } finally {
      await there.stop()
    }
  } finally {
    await here.stop()
  }
}

async function takeTurns(contenders: Readonly<Record<'nothing' | 'here' | 'there', Contender>>): Promise<void> {
  const names = ['nothing', 'here', 'there'] as const
  const found = { nothing: [] as number[], here: [] as number[], there: [] as number[] }
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    // Nobody is always the first.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { micros } = await again(() => measured(contenders[name], load => load.count(AT_ONCE, CHECKS)))
      if (round >= 0) found[name].push(micros)
    }
  }
  const [least, here, there] = [middle(found.nothing), middle(found.here), middle(found.there)]
  const ratios = found.here.map((micros, round) => micros / (found.there[round] ?? Number.NaN))
  console.table({
    nothing: { micros: Math.round(least) },
    here: { micros: Math.round(here), 'beside nothing': shown(here / least) },
    there: { micros: Math.round(there), 'beside nothing': shown(there / least) },
  })
  console.log(`here beside there: ${shown(here / there)}; the median of the rounds ${shown(median(ratios))}`)
}

/** The mean of the middle half. */
function middle(numbers: readonly number[]): number {
  const ascending = numbers.toSorted((a, b) => a - b)
  const cut = ascending.length >> 2
  const kept = ascending.slice(cut, ascending.length - cut)
  return kept.reduce((sum, each) => sum + each, 0) / kept.length
}

function shown(ratio: number): number {
  return Number(ratio.toFixed(2))
}
