import { describe, expect, test } from 'vitest'
import { Remembered } from '../../src/lease/remembered.ts'

const id = (n: number) => `lse_${String(n).padStart(6, '0')}`

describe('Remembered', () => {
  test('keeps what was first said, for as long as the longest that was said', () => {
    const over = new Remembered<string>(10)
    over.add(id(1), 'revoked by ada', 100, 0)
    over.add(id(1), 'somebody says otherwise', 50, 0)
    over.add(id(1), 'or lives longer', 200, 0)
    expect(over.get(id(1))).toBe('revoked by ada')
    expect(over.get(id(2))).toBeNull()
    expect(over.get('')).toBeNull()
  })

  test('drops what is of no more use when it is full, and nothing else', () => {
    const over = new Remembered<number>(10)
    for (let n = 0; n < 10; n++) over.add(id(n), n, n < 5 ? 100 : 1000, 0)
    over.add(id(10), 10, 1000, 500)
    expect(over.get(id(7))).toBe(7)
    expect(over.get(id(10))).toBe(10)
    expect(over.get(id(2))).toBeNull()
  })

  test('lets nobody push out an end by adding others: all that is as old is over as well', () => {
    const over = new Remembered<number>(10)
    over.add(id(50), 50, 1000, 0)
    for (let n = 100; n < 130; n++) over.add(id(n), n, 1000, 0)
    expect(over.get(id(50))).toBe('forgotten')
    expect(over.get(id(3))).toBe('forgotten')
    expect(over.get(id(129))).toBe(129)
    expect(over.get(id(500))).toBeNull()
  })
})
