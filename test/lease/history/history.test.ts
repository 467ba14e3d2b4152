import { describe, expect, test } from 'vitest'
import { numbers, runHistory } from './a-history.ts'

describe('what was told holds, whatever becomes of the servers', () => {
  test('nothing is allowed after an acknowledged end, no budget is overspent, and no yes is used twice', async () => {
    const history = await runHistory({ rounds: 6, random: numbers(20_261_129), isGuarded: true })
    expect(history.wrong).toEqual([])
    expect(history.failovers).toBeGreaterThan(1)
    expect(history.ended).toBeGreaterThan(1)
    expect(history.allowed).toBeGreaterThan(20)
  })

  test('the same history finds a store that nobody guards', async () => {
    const history = await runHistory({
      rounds: 2,
      random: numbers(7),
      isGuarded: false,
      faults: ['failover', 'restore'],
    })
    expect(history.wrong).not.toEqual([])
  })
})
