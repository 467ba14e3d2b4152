import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisWatchMarks } from '../../../src/lease/stream/redis-watch-marks.ts'
import { MARK_MS } from '../../../src/lease/stream/watch-marks.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { aLease } from '../a-lease.ts'

let valkey: Valkey
let link: RedisLink
let marks: RedisWatchMarks
beforeAll(async () => {
  valkey = await Valkey.start()
  link = await valkey.connected()
  marks = new RedisWatchMarks(link)
})
afterAll(() => valkey.stop())

const said = (what: string) => JSON.stringify({ what })

/** A lease that nobody watches yet. */
function aWatched() {
  const lease = aLease({ agent: `agent-${randomUUID()}` }).id
  const prefix = partitionPrefix(partitionOf(lease))
  const watch = (by: string, id = 'wch_1') => ({ lease, id, by })
  const mark = (by: string, text = `signed for ${by}`, id = 'wch_1') =>
    marks.mark({ ...watch(by, id), mark: text, began: said(`${by} began`), lapsed: said(`${by} lapsed`) })
  const ask = (...args: readonly [string, ...string[]]) => link.ask('test', redis => redis.call(...args))
  /** As if all marks had come to their end, and nothing was heard since. */
  const passAll = async () => {
    const kept = (await link.ask('test', redis => redis.hgetall(`${prefix}watch:${lease}`))) as Record<string, string>
    for (const [name, text] of Object.entries(kept))
      await ask('HSET', `${prefix}watch:${lease}`, name, text.replace(/^\d+/, '1'))
  }
  const from = ask('XINFO', 'STREAM', `${prefix}journal`).then(
    info => String((info as unknown[])[(info as unknown[]).indexOf('last-generated-id') + 1]),
    () => '0',
  )
  const journal = async (): Promise<string[]> => {
    const items = (await ask('XRANGE', `${prefix}journal`, `(${await from}`, '+')) as [string, string[]][]
    return items.map(([, fields]) => JSON.parse(fields[1] ?? '').what)
  }
  return { lease, prefix, watch, mark, ask, passAll, journal }
}

describe('marks of those who watch', () => {
  test('are kept by lease and by whose they are, and go on without another word in the journal', async () => {
    const { lease, mark, journal } = aWatched()
    expect(await marks.marks(lease)).toEqual([])
    for (const text of ['one', 'two', 'three']) expect(await mark('grace', text)).toBe(true)
    await mark('hana')
    expect((await marks.marks(lease)).toSorted()).toEqual(['signed for hana', 'three'])
    expect(await marks.marks(aWatched().lease)).toEqual([])
    expect(await journal()).toEqual(['grace began', 'hana began'])
  })

  test('end with whoever leaves, and only theirs', async () => {
    const { lease, watch, mark, journal } = aWatched()
    await mark('grace')
    await mark('grace', 'from another place', 'wch_2')
    const leave = () => marks.leave({ ...watch('grace'), event: said('grace left') })
    expect(await leave()).toBe(true)
    expect(await leave()).toBe(false)
    expect(await marks.leave({ ...watch('hana', 'wch_2'), event: said('not theirs') })).toBe(false)
    expect(await marks.marks(lease)).toEqual(['from another place'])
    expect(await journal()).toEqual(['grace began', 'grace began', 'grace left'])
  })

  test('of whom nothing was heard are on record once, whoever looks first', async () => {
    const { lease, mark, passAll, journal } = aWatched()
    await mark('grace')
    await passAll()
    await marks.sweep(lease)
    await marks.sweep(lease)
    expect(await marks.marks(lease)).toEqual([])
    expect(await journal()).toEqual(['grace began', 'grace lapsed'])
    await mark('grace')
    await passAll()
    await mark('grace')
    expect((await journal()).slice(2)).toEqual(['grace began', 'grace lapsed', 'grace began'])
  })

  test('are no more than so many for a lease, and room comes when one is over', async () => {
    const { lease, mark, watch } = aWatched()
    for (let id = 0; id < 16; id++) expect(await mark('grace', 'm', `wch_${id}`)).toBe(true)
    expect(await mark('hana')).toBe(false)
    expect(await mark('grace', 'm', 'wch_3')).toBe(true)
    await marks.leave({ ...watch('grace', 'wch_3'), event: said('left') })
    expect(await mark('hana')).toBe(true)
    expect(await marks.marks(lease)).toHaveLength(16)
  })

  test('are nobody’s where somebody wrote more of them than any broker makes', async () => {
    const { lease, prefix, mark, ask } = aWatched()
    await mark('grace')
    const more = Array.from({ length: 16 }, (_, at) => [`wch_${at} x`, '9\nm\n']).flat()
    await ask('HSET', `${prefix}watch:${lease}`, ...more)
    await expect(marks.marks(lease)).rejects.toThrow('more marks of a lease')
    await ask('HDEL', `${prefix}watch:${lease}`, 'wch_0 x')
    expect(await marks.marks(lease)).toHaveLength(16)
  })

  test('are gone from the store some time after the last of them, and are nothing without their journal', async () => {
    const { lease, prefix, mark, ask } = aWatched()
    await mark('grace')
    expect(Number(await ask('PTTL', `${prefix}watch:${lease}`))).toBeGreaterThan(MARK_MS)
    await ask('RENAME', `${prefix}journal`, `${prefix}journal:kept`)
    await ask('SET', `${prefix}journal`, 'no stream')
    await expect(mark('hana')).rejects.toThrow()
    expect(await marks.marks(lease)).toHaveLength(1)
    await ask('RENAME', `${prefix}journal:kept`, `${prefix}journal`)
  })

  test('are for leases of the store alone', async () => {
    await expect(marks.marks('lse_x')).rejects.toThrow('not a lease of this store')
  })
})
