import { describe, expect, test } from 'vitest'
import { partitionName, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { isPoison } from '../../../src/record/journal/journal.ts'
import type { DecisionEntry, JournalItem, PoisonItem } from '../../../src/record/journal/journal-entry.ts'
import { RedisDeadLetters } from '../../../src/record/journal/redis/redis-dead-letters.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { aLease, committing, creating, revoking } from '../../lease/a-lease.ts'
import { until } from '../../support/until.ts'
import { aDecision, aLeaseEvent } from '../a-journal-entry.ts'
import { forever, ids, left, start, take, write, writeMany } from './a-journal.ts'

describe('RedisJournalReader', () => {
  test('brings what the stores journaled, with what was settled', async () => {
    const { link, read } = await start()
    const ledger = new RedisLeaseLedger(link)
    const store = new RedisLeaseStore(link)
    const lease = aLease()
    await store.create(creating(lease, { event: JSON.stringify(aLeaseEvent({ event: 'issued' })) }))
    const entry: DecisionEntry = aDecision({ auditId: 'one', lease: lease.id })
    await ledger.commit(committing(lease, { entry: JSON.stringify(entry) }))
    await store.revoke(revoking(lease, { event: JSON.stringify(aLeaseEvent({ event: 'revoked' })) }))
    await ledger.commit(committing(lease, { entry: JSON.stringify({ ...entry, auditId: 'two' }) }))
    const items = await take(read(), 4)
    expect(items).toMatchObject([
      { entry: { kind: 'lease', event: 'issued' }, settled: null },
      { entry, settled: { decision: 'allow', reason: '', approval: '' } },
      { entry: { kind: 'lease', event: 'revoked' }, settled: null },
      { entry: { auditId: 'two' }, settled: { decision: 'deny', reason: 'lease-revoked', approval: '' } },
    ])
  })

  test('each item comes once to a process, from every partition, and is deleted when it is acknowledged', async () => {
    const { link, read } = await start()
    const written = Array.from({ length: PARTITIONS }, (_, partition) => [`${partition}-a`, `${partition}-b`])
    for (const [partition, auditIds] of written.entries()) await write(link, partition, auditIds)
    const reader = read()
    const items = await take(reader, 2 * PARTITIONS)
    expect(ids(items).toSorted()).toEqual(written.flat().toSorted())
    expect(await reader.read(100, forever)).toEqual([])
    expect(await left(reader)).toBe(2 * PARTITIONS)
    await reader.acknowledge(items)
    expect(await left(reader)).toBe(0)
    expect(await reader.lag()).toContainEqual({ stream: '00', length: 0, bytes: 0, oldestAt: null, deadLetters: 0 })
  })

  test('what was read and not acknowledged comes again after a restart of the tap', async () => {
    const { link, read } = await start()
    await write(link, 0, ['a', 'b', 'c'])
    const first = read()
    const items = await take(first, 3)
    await first.acknowledge(items.slice(0, 1))
    first.close()
    await write(link, 0, ['d'])
    expect(ids(await take(read(), 3))).toEqual(['b', 'c', 'd'])
  })

  test('no more bytes are in hand than a reader may have, but for one piece, whatever one item weighs', async () => {
    const { link, read } = await start()
    const [count, bytes, maxBytes] = [1700, 5000, 1_000_000]
    await writeMany(link, 0, count, bytes)
    const reader = read({ maxBytes })
    const sets: string[][] = []
    do {
      const items = await reader.read(10_000, forever)
      await reader.acknowledge(items)
      sets.push(ids(items))
    } while (reader.hasMore)
    expect(sets.flat()).toEqual(Array.from({ length: count }, (_, n) => String(n)))
    const piece = sets[0]?.length ?? 0
    expect(sets.length).toBeGreaterThan(2)
    for (const set of sets) expect(set.length * bytes).toBeLessThan(maxBytes + piece * bytes)
    expect(piece * bytes).toBeLessThan(4 * maxBytes)
  })

  test('what is small comes in one set, which is the same set after a crash', async () => {
    const { link, read } = await start()
    await writeMany(link, 0, 1700, 0)
    const reader = read()
    const items = await reader.read(1600, forever)
    expect([items.length, reader.hasMore]).toEqual([1600, true])
    reader.close()
    // As many bytes as were read once may be read again.
    const again = read({ maxBytes: 1 })
    expect(ids(await again.read(1600, forever))).toEqual(ids(items))
    expect(again.hasMore).toBe(true)
    expect(ids(await again.read(1600, forever))).toEqual(Array.from({ length: 100 }, (_, n) => String(1600 + n)))
    expect(again.hasMore).toBe(false)
  })

  test('nothing is lost or doubled when Redis is killed while a batch is in hand', async () => {
    const { valkey, link, read } = await start()
    await write(link, 1, ['a', 'b'])
    const reader = read()
    const inHand = await take(reader, 2)
    await valkey.kill()
    await valkey.boot()
    await until('the link', () => link.ready)
    await write(link, 1, ['c'])
    const seen: (JournalItem | PoisonItem)[] = []
    await until('the third', async () => {
      seen.push(...(await reader.read(100, forever).catch(() => [])))
      return seen.length > 0
    })
    expect(ids(seen)).toEqual(['c'])
    await until('the acknowledgement', () =>
      reader.acknowledge([...inHand, ...seen]).then(
        () => true,
        () => false,
      ),
    )
    expect(await left(reader)).toBe(0)
  })

  test('a tap that leaves for good leaves no name behind, but where it has something in hand', async () => {
    const { link, read } = await start()
    await write(link, 0, ['a', 'b'])
    const leaving = read()
    const key = `${partitionPrefix(partitionName(0))}journal`
    const names = () => link.ask('consumers', redis => redis.xinfo('CONSUMERS', key, 'tap') as Promise<unknown[]>)
    const items = await take(leaving, 2)
    expect(items).toHaveLength(2)
    await leaving.leave()
    expect(await names()).toHaveLength(1)
    await leaving.acknowledge(items)
    await leaving.leave()
    expect(await names()).toEqual([])
    await write(link, 0, ['c'])
    expect(ids(await take(read({ consumer: 'tap-1' }), 1))).toEqual(['c'])
  })

  test('what another tap left behind is taken over', async () => {
    const { link, read } = await start()
    await write(link, 2, ['a', 'b'])
    const dead = read({ consumer: 'tap-1' })
    await take(dead, 2)
    dead.close()
    const reader = read({ takeOverAfterMs: 1 })
    const seen: (JournalItem | PoisonItem)[] = []
    await until('both', async () => {
      seen.push(...(await reader.read(100, forever)))
      return seen.length >= 2
    })
    expect(ids(seen)).toEqual(['a', 'b'])
  })

  test('what several taps left behind comes as the sets that each had in hand', async () => {
    const { link, read } = await start()
    const left: string[][] = [
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]
    for (const [index, auditIds] of left.entries()) {
      await write(link, 0, auditIds)
      const dead = read({ consumer: `tap-${index + 1}` })
      expect(ids(await take(dead, auditIds.length))).toEqual(auditIds)
      dead.close()
    }
    const reader = read({ takeOverAfterMs: 1 })
    const seen: string[][] = []
    await until('both sets', async () => {
      const items = await reader.read(100, forever)
      if (items.length > 0) seen.push(ids(items))
      return seen.length >= 2
    })
    expect(seen.toSorted()).toEqual(left)
  })

  test('a set that a killed tap had in hand comes again as the same set, whatever was written since', async () => {
    const { link, read } = await start()
    await write(link, 0, ['a', 'b'])
    const first = read()
    expect(ids(await take(first, 2))).toEqual(['a', 'b'])
    first.close()
    await write(link, 0, ['c'])
    const second = read()
    expect(ids(await second.read(100, forever))).toEqual(['a', 'b'])
    expect(ids(await take(second, 1))).toEqual(['c'])
  })

  test('goes on after the group was lost with the data', async () => {
    const { link, read } = await start()
    const reader = read()
    await reader.read(1, forever)
    await link.ask('lose', redis => redis.flushall())
    await write(link, 0, ['a'])
    const seen: (JournalItem | PoisonItem)[] = []
    await until('the item', async () => {
      seen.push(...(await reader.read(100, forever).catch(() => [])))
      return seen.length > 0
    })
    expect(ids(seen)).toEqual(['a'])
  })

  test('what cannot be read is poison, stands in nobody’s way, and can be rescued', async () => {
    const { link, read } = await start()
    const key = `${partitionPrefix('00')}journal`
    const good = JSON.stringify(aDecision({ auditId: 'good' }))
    await link.ask('poison', redis => redis.xadd(key, '*', 'e', '{"kind":"decision"', 's', 'x'))
    await link.ask('poison', redis => redis.xadd(key, '*', 'other', 'field'))
    await link.ask('good', redis => redis.xadd(key, '*', 'e', good))
    const reader = read()
    const items = await take(reader, 3)
    expect(ids(items)).toEqual(['entry: not JSON', 'no entry', 'good'])
    for (const item of items.filter(isPoison)) await reader.setAside(item)
    await reader.acknowledge(items.filter(item => !isPoison(item)))
    expect(await left(reader)).toBe(0)
    const letters = new RedisDeadLetters(link)
    const [first, second] = await letters.list(10)
    expect(first).toMatchObject({ stream: '00', entry: '{"kind":"decision"', problem: 'entry: not JSON' })
    expect(second).toMatchObject({ stream: '00', entry: '', problem: 'no entry' })
    expect(first && (await letters.rescue(first))).toBe(true)
    expect(first && (await letters.rescue(first))).toBe(false)
    expect(ids(await take(reader, 1))).toEqual(['entry: not JSON'])
    expect(await letters.list(10)).toHaveLength(1)
  })

  test('the bytes of a stream are those of what is in it, whatever is taken out, set aside or given back', async () => {
    const { link, read } = await start()
    const [ledger, store] = [new RedisLeaseLedger(link), new RedisLeaseStore(link)]
    const lease = aLease()
    await store.create(creating(lease, { event: JSON.stringify(aLeaseEvent({ event: 'issued' })) }))
    for (const auditId of ['a', 'b', 'ü'.repeat(500)]) {
      await ledger.commit(committing(lease, { entry: JSON.stringify(aDecision({ auditId, lease: lease.id })) }))
    }
    const stream = partitionOf(lease.id)
    const key = `${partitionPrefix(stream)}journal`
    const inIt = async () => {
      const items = await link.ask('items', redis => redis.xrange(key, '-', '+'))
      return items.reduce((sum, [, fields]) => sum + 64 + Buffer.byteLength(fields.join('')), 0)
    }
    const reader = read()
    const counted = async () => (await reader.lag()).find(one => one.stream === stream)?.bytes
    const [first, second, ...rest] = await take(reader, 4)
    expect(await counted()).toBe(await inIt())
    await reader.setAside({ stream, id: first?.id ?? '', problem: 'odd' })
    expect(await counted()).toBe(await inIt())
    await reader.acknowledge(second === undefined ? [] : [second, second])
    expect(await counted()).toBe(await inIt())
    const letters = new RedisDeadLetters(link)
    const [letter] = await letters.list(1)
    expect(letter !== undefined && (await letters.rescue(letter))).toBe(true)
    expect(await counted()).toBe(await inIt())
    await reader.acknowledge([...rest, ...(await take(reader, 1))])
    expect(await counted()).toBe(0)
  })

  test('setting aside and deleting work at the memory limit', async () => {
    const { link, read } = await start()
    await write(link, 0, ['a', 'b'])
    const reader = read()
    const [a, b] = await take(reader, 2)
    await link.ask('limit', redis => redis.config('SET', 'maxmemory', '1'))
    await reader.setAside({ stream: '00', id: a?.id ?? '', problem: 'refused by ClickHouse' })
    await reader.acknowledge(b === undefined ? [] : [b])
    expect(await reader.lag()).toContainEqual({ stream: '00', length: 0, bytes: 0, oldestAt: null, deadLetters: 1 })
  })

  test('ends a wait soon after it is aborted', async () => {
    const { read } = await start()
    const stop = new AbortController()
    const reader = read()
    const waiting = reader.read(10, stop.signal)
    stop.abort()
    expect(await waiting).toEqual([])
    expect(await reader.read(10, stop.signal)).toEqual([])
  })
})
