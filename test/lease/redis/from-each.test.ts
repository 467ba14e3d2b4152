import { describe, expect, test } from 'vitest'
import { fromEach } from '../../../src/lease/redis/from-each.ts'
import { RedisError, type RedisErrorCode } from '../../../src/redis/redis-error.ts'

const failing = (code: RedisErrorCode, those: readonly string[]) => async (partition: string) => {
  if (those.includes(partition)) throw new RedisError(code, 'of a test')
  return partition
}

describe('fromEach', () => {
  test.each(['unavailable', 'timeout', 'unfit'] as const)(
    'leaves out a part that is "%s" where one may be missing, and nowhere else',
    async code => {
      const read = failing(code, ['01'])
      expect(await fromEach(['00', '01'], read, true)).toEqual({ found: ['00'], missing: ['01'] })
      await expect(fromEach(['00', '01'], read, false)).rejects.toMatchObject({ code })
      await expect(fromEach(['01'], read, true)).rejects.toMatchObject({ code })
    },
  )

  test('rejects where a part answers what it should not', async () => {
    await expect(fromEach(['00', '01'], failing('bad-reply', ['01']), true)).rejects.toMatchObject({
      code: 'bad-reply',
    })
  })
})
