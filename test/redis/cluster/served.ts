import { describe, expect, test } from 'vitest'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisStopStore } from '../../../src/lease/stop/redis-stop-store.ts'
import type { JournalItem, PoisonItem } from '../../../src/record/journal/journal-entry.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { committing } from '../../lease/a-lease.ts'
import { until } from '../../support/until.ts'
import { authorizers, broker, givenEverywhere, nobodyAllows, PREFIXES, serves, set, store } from './the-store.ts'

describe('a store in Cluster mode', () => {
  test('leases of every partition are served, from several nodes', async () => {
    const leases = await givenEverywhere()
    await serves(leases)
    const owners = await Promise.all(PREFIXES.map(prefix => set.ownerOf(prefix)))
    expect(new Set(owners).size).toBe(3)
    expect(
      broker
        .servers()
        .map(({ at }) => at)
        .toSorted(),
    ).toEqual([...new Set(owners)].map(port => `127.0.0.1:${port}`).toSorted())
    expect(authorizers.map(link => link.unreadyInFull)).toEqual([null, null])
    const { items } = await store.list({ agent: null, after: '', limit: 100 }, Date.now())
    expect(items.map(({ contract }) => contract)).toEqual(
      expect.arrayContaining(leases.map(({ id }) => `contract of ${id}`)),
    )
  })

  test('what happens to all leases happens in every partition, and is told once', async () => {
    const leases = await givenEverywhere()
    const stops = new RedisStopStore(broker)
    const subject = { kind: 'all', name: '' } as const
    const stopped = await stops.act({ subject, act: 'end', by: 'root', reason: 'drill', event: '{"kind":"stop"}' })
    expect(stopped?.ended).toMatchObject({ by: 'root' })
    await nobodyAllows(leases)
    expect((await stops.list()).filter(({ subject }) => subject.kind === 'all')).toHaveLength(1)
  })

  test('the journal is read from all nodes, and each entry once', async () => {
    const leases = await givenEverywhere()
    const reader = new RedisJournalReader(broker, { consumer: 'tap' })
    const read = async () => {
      const items = await reader.read(5000, new AbortController().signal)
      await reader.acknowledge(items)
      return items
    }
    const before: unknown[] = []
    for (let items = await read(); items.length > 0; items = await read()) before.push(...items)
    await Promise.all(leases.map(lease => new RedisLeaseLedger(authorizers[0] ?? broker).commit(committing(lease))))
    const items = await read()
    expect(items.map(({ stream }) => stream).toSorted()).toEqual(['00', '01', '02', '03'])
    expect(await read()).toEqual([])
    expect((await reader.lag()).map(({ length }) => length)).toEqual([0, 0, 0, 0, 0])
    await reader.leave()
    reader.close()
  })

  test('what one node does not give is not given twice, or never, by the others', async () => {
    const leases = await givenEverywhere()
    const reader = new RedisJournalReader(broker, { consumer: 'tap' })
    const read = () => reader.read(5000, new AbortController().signal)
    for (let items = await read(); items.length > 0; items = await read()) await reader.acknowledge(items)
    await Promise.all(leases.map(lease => new RedisLeaseLedger(authorizers[0] ?? broker).commit(committing(lease))))
    const { move, end } = await set.beginMove(partitionPrefix('00'))
    await move([`${partitionPrefix('00')}journal`])
    const others: (JournalItem | PoisonItem)[] = []
    await until('the others to be read', async () => {
      others.push(...(await read()))
      return new Set(others.map(({ stream }) => stream)).size === PARTITIONS - 1 && reader.unread.length > 0
    })
    expect(reader.unread).toEqual([{ stream: '00', problem: expect.stringMatching(/^journal: /) }])
    await reader.acknowledge(others)
    await end()
    const streams = others.map(({ stream }) => stream)
    await until('all to be read', async () => {
      const items = await read().catch(() => [])
      const done = () => reader.acknowledge(items).then(() => true)
      await until('the node to be back', () => done().catch(() => false))
      streams.push(...items.map(({ stream }) => stream))
      return new Set(streams).size === PARTITIONS
    })
    expect(streams.toSorted()).toEqual(['00', '01', '02', '03'])
    await reader.leave()
    reader.close()
  }, 120_000)
})
