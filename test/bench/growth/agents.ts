// CPU of a decision where ten thousand agents ask in turn, beside one that asks alone.
import type { Contender } from '../decisions/check/contenders.ts'
import { asking } from '../decisions/check/contenders.ts'
import type { Holder } from '../decisions/check/world.ts'
import { beside, warm } from './house/beside.ts'
import { aHouse } from './house/house.ts'
import { agentName } from './house/policy.ts'

/* Each has a lease and a token of its own, which the authorizer has seen before, as it keeps those of the last ten thousand. */
const AGENTS = 10_000
const AT_ONCE = 50

const small = { house: await aHouse({ agents: AGENTS }) }
const large = { house: await aHouse({ agents: AGENTS }) }
try {
  const holders: Holder[] = []
  while (holders.length < AGENTS) {
    const names = Array.from({ length: AT_ONCE }, (_, at) => agentName((holders.length + at) % (AGENTS - 1)))
    holders.push(...(await Promise.all(names.map(large.house.world.another))))
  }
  const many = { ...large, asked: inTurn(large.house.authorizer, holders) }
  await warm(small)
  await warm(many)
  await beside(`${AGENTS} agents in turn`, many, small)
} finally {
  await Promise.all([small.house.stop(), large.house.stop()])
}

/** One after the other of them asks. */
function inTurn(authorizer: Contender, holders: readonly Holder[]): Contender {
  const questions = holders.map(({ token }) => asking(token))
  let turn = 0
  return { ...authorizer, next: () => (questions[turn++ % questions.length] ?? authorizer.next)() }
}
