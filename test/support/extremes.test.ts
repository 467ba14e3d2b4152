import { expect, test } from 'vitest'
import { greatest, least } from '../../src/support/extremes.ts'

test('as many as a ledger has checkpoints in a year', () => {
  const sizes = new Set(Array.from({ length: 365 * 1440 }, (_, n) => n + 1))
  expect([least(sizes), greatest(sizes)]).toEqual([1, 365 * 1440])
})

test('none', () => {
  expect([least([]), greatest([])]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
})
