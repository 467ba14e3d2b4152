import { errors, type JWTVerifyGetKey } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { COOLDOWN_MS, fetchedKeys } from '../../src/identity/issuers/fetched-keys.ts'

const MINUTE = 60_000
const KEPT = 60 * MINUTE

let now: number
let asked: number
let kept: number[]
/** Ids of the keys that the issuer has; null: it cannot be asked; 'gone': it says that it has none. */
let has: readonly string[] | 'gone' | null
/** Where it is set, the issuer answers when this resolves. */
let answers: Promise<void> | null

beforeEach(() => {
  now = 1000
  asked = 0
  kept = []
  has = ['a']
  answers = null
})

const opened = (keptMs = KEPT) =>
  fetchedKeys({
    fetch: async () => {
      asked += 1
      const found = has
      if (answers !== null) await answers
      if (found === null || found === 'gone') throw new Error(found ?? 'away')
      return keysOf(found)
    },
    keptMs,
    isGone: error => (error as Error).message === 'gone',
    onKept: (_, ageMs) => kept.push(ageMs),
    now: () => now,
  })

const keysOf =
  (ids: readonly string[]): JWTVerifyGetKey =>
  async ({ kid = '' }) => {
    if (!ids.includes(kid)) throw new errors.JWKSNoMatchingKey()
    return new TextEncoder().encode(kid)
  }

const opens = async (keys: JWTVerifyGetKey, kid = 'a') => {
  try {
    await keys({ alg: 'ES256', kid }, { payload: '', signature: '' })
    return 'yes'
  } catch (error) {
    return error instanceof errors.JWKSNoMatchingKey ? 'no such key' : (error as Error).message
  }
}

describe('fetchedKeys', () => {
  test('count through an outage up to the age that is stated, and then nobody passes', async () => {
    const keys = opened()
    expect(await opens(keys)).toBe('yes')
    has = null
    now += KEPT - 1
    expect(await opens(keys)).toBe('yes')
    now += 1
    expect(await opens(keys)).toBe('away')
  })

  test('an issuer that was never asked with success has none to keep', async () => {
    has = null
    expect(await opens(opened())).toBe('away')
  })

  test('it is told once that they are kept, and again in the next outage', async () => {
    const keys = opened()
    await opens(keys)
    has = null
    for (let i = 0; i < 4; i++) {
      now += 12 * MINUTE
      await opens(keys)
    }
    expect(kept).toEqual([12 * MINUTE])
    has = ['a']
    now += COOLDOWN_MS
    await opens(keys)
    await opens(keys)
    has = null
    now += 11 * MINUTE
    await opens(keys)
    expect(kept).toEqual([12 * MINUTE, 11 * MINUTE])
  })

  test('the end of an outage is seen, and what the issuer took out meanwhile counts no more', async () => {
    const keys = opened()
    await opens(keys)
    has = null
    now += 20 * MINUTE
    expect(await opens(keys)).toBe('yes')
    has = ['b']
    now += COOLDOWN_MS
    await opens(keys)
    expect(await opens(keys)).toBe('no such key')
    expect(await opens(keys, 'b')).toBe('yes')
  })

  test.each([
    { name: 'shortly after', quiet: 20 * MINUTE },
    { name: 'days after', quiet: 6 * 24 * 60 * MINUTE },
  ])(
    'a key that its issuer took out since a blip opens nothing, although no token came meanwhile: $name',
    async ({ quiet }) => {
      const keys = opened(7 * 24 * 60 * MINUTE)
      await opens(keys)
      has = null
      now += 10 * MINUTE
      expect(await opens(keys)).toBe('yes')
      has = ['b']
      now += quiet
      expect(await Promise.all([opens(keys), opens(keys), opens(keys, 'b')])).toEqual([
        'no such key',
        'no such key',
        'yes',
      ])
    },
  )

  test('an issuer that says it has none is not away: what it had opens nothing, then or in an outage after it', async () => {
    const keys = opened()
    await opens(keys)
    has = 'gone'
    now += 10 * MINUTE
    expect(await opens(keys)).toBe('gone')
    has = null
    now += COOLDOWN_MS
    expect(await opens(keys)).toBe('away')
    expect(kept).toEqual([])
    has = ['b']
    now += COOLDOWN_MS
    expect([await opens(keys), await opens(keys, 'b')]).toEqual(['no such key', 'yes'])
  })

  test('an issuer that says so during an outage ends what is kept', async () => {
    const keys = opened()
    await opens(keys)
    has = null
    now += 10 * MINUTE
    expect(await opens(keys)).toBe('yes')
    has = 'gone'
    now += COOLDOWN_MS
    await opens(keys)
    expect(await opens(keys)).toBe('gone')
  })

  test('nobody waits for an issuer that is known to be away', async () => {
    const keys = opened()
    await opens(keys)
    has = null
    now += 20 * MINUTE
    await opens(keys)
    answers = new Promise(() => undefined)
    now += COOLDOWN_MS
    expect(await opens(keys)).toBe('yes')
    expect(asked).toBe(3)
  })

  test('an issuer that is away is asked every few seconds, however many tokens come', async () => {
    const keys = opened()
    await opens(keys)
    has = null
    now += 20 * MINUTE
    const before = asked
    for (let i = 0; i < 600; i++) {
      now += 100
      expect(await opens(keys)).toBe('yes')
    }
    expect(asked - before).toBeLessThanOrEqual(1 + MINUTE / COOLDOWN_MS)
    expect(asked - before).toBeGreaterThan(5)
  })

  test('a set that came is what counts, also when it has nothing any more', async () => {
    const keys = opened()
    await opens(keys)
    has = []
    now += 10 * MINUTE
    expect(await opens(keys)).toBe('no such key')
    expect(kept).toEqual([])
  })

  test('a stated age of less than ten minutes holds also while the issuer is there', async () => {
    const keys = opened(MINUTE)
    await opens(keys)
    now += MINUTE
    has = ['b']
    expect(await opens(keys)).toBe('no such key')
    has = null
    now += MINUTE
    expect(await opens(keys, 'b')).toBe('away')
  })

  test('an unknown key asks again at once after an outage, and not for each token', async () => {
    const keys = opened()
    await opens(keys)
    now += COOLDOWN_MS
    has = ['a', 'b']
    expect(await opens(keys, 'b')).toBe('yes')
    for (let i = 0; i < 20; i++) expect(await opens(keys, 'c')).toBe('no such key')
    expect(asked).toBe(2)
  })
})
