import { describe, expect, test } from 'vitest'
import { lacking } from './lacking.ts'

describe('lacking', () => {
  test('names each program that is missing', () => {
    expect(lacking({ needs: ['node', 'no-such-compiler', 'no-such-builder'] })).toBe(
      'no no-such-compiler and no no-such-builder',
    )
  })

  test('is null where all of them are there', () => {
    expect(lacking({ needs: ['node'] })).toBeNull()
  })
})
