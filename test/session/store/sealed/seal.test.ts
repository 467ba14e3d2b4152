import { describe, expect, test } from 'vitest'
import { newDataKey } from '../../../../src/session/store/keys/session-keys.ts'
import { seal, sealParts, unseal } from '../../../../src/session/store/seal.ts'

const NONCE_BYTES = 12
const key = newDataKey()

describe('seal', () => {
  test('never takes a nonce twice, however many are drawn at once', () => {
    // Kept until all are there: none may be another one's memory.
    const sealed = Array.from({ length: 1000 }, (_, n) => ({ n, parts: sealParts(key, 'here', Buffer.from(`${n}`)) }))
    expect(new Set(sealed.map(({ parts }) => parts[0]?.toString('hex'))).size).toBe(sealed.length)
    for (const { n, parts } of sealed) {
      expect(parts[0]).toHaveLength(NONCE_BYTES)
      expect(unseal(key, 'here', Buffer.concat(parts))?.toString()).toBe(`${n}`)
    }
  })

  test.each([0, 1, 16, 16_385])('opens again in its place alone, of %i bytes', length => {
    const plain = Buffer.alloc(length, 'x')
    const sealed = seal(key, 'here', plain)
    expect(unseal(key, 'here', sealed)).toEqual(plain)
    expect(unseal(key, 'there', sealed)).toBeNull()
    for (const at of [0, NONCE_BYTES, sealed.length - 1]) {
      const altered = Buffer.from(sealed)
      altered[at] = (altered[at] ?? 0) ^ 1
      expect(unseal(key, 'here', altered)).toBeNull()
    }
    expect(unseal(key, 'here', sealed.subarray(0, -1))).toBeNull()
  })
})
