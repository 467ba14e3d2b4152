import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newLeaseId, partitionName } from '../../../src/lease/lease-id.ts'
import { RedisStreamEnds } from '../../../src/lease/stream/redis-stream-ends.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { EndedByPeople } from '../../../src/session/ended-by-people.ts'
import { TestBroker } from '../test-broker.ts'

let broker: TestBroker
let streams: EndedByPeople
const stop = new AbortController()
const cuts: string[] = []
beforeAll(async () => {
  broker = await TestBroker.start()
  const ends = new RedisStreamEnds(broker.link)
  streams = new EndedByPeople({ ends, everyMs: 50, onCut: () => {}, onFailure: () => {} })
  void streams.run(stop.signal)
})
afterAll(async () => {
  stop.abort()
  await broker.stop()
})

function open(): string {
  const auditId = randomUUID()
  streams.open({ auditId, lease: newLeaseId('web-operator', PARTITIONS), cut: () => void cuts.push(auditId) })
  return auditId
}

const end = (id: string, sub: string, body: object = { reason: 'the wrong table' }) =>
  broker.as(sub, 'POST', `/v1/sessions/${id}/end`, body)

describe('POST /v1/sessions/ID/end', () => {
  test.each(['hana', 'oncall', 'root'])('cuts it for %s, and says that it is cut', async sub => {
    const id = open()
    expect(await end(id, sub)).toMatchObject({
      status: 201,
      body: { auditId: id, by: sub, reason: 'the wrong table', cutAt: expect.any(Number) },
    })
    expect(cuts.filter(one => one === id)).toHaveLength(1)
  })

  test('is refused to agents, and nothing is cut', async () => {
    const id = open()
    expect((await end(id, 'web-operator')).status).toBe(403)
    // One that is ended later is cut: so the looks in between have all been for nothing.
    const later = open()
    await end(later, 'root')
    expect(cuts).not.toContain(id)
  })

  test('says of one that nobody has open that nobody said that it was cut', async () => {
    expect(await end(randomUUID(), 'root')).toMatchObject({ status: 201, body: { cutAt: null } })
  })

  test('tells no authorizer of its partition what could not be put on record', async () => {
    const prefix = partitionPrefix(partitionName(0))
    const ask = (...args: readonly string[]) =>
      broker.link.ask('test', redis => redis.call(...(args as readonly [string, ...string[]])))
    const id = randomUUID()
    await ask('RENAME', `${prefix}journal`, `${prefix}journal:kept`)
    await ask('SET', `${prefix}journal`, 'no stream')
    expect((await end(id, 'root')).status).toBeGreaterThanOrEqual(500)
    expect(await ask('ZSCORE', `${prefix}cuts`, id)).toBeNull()
    await ask('RENAME', `${prefix}journal:kept`, `${prefix}journal`)
    expect((await end(id, 'root')).status).toBe(201)
    expect(await ask('ZSCORE', `${prefix}cuts`, id)).not.toBeNull()
  })

  test('wants an audit id and a reason of one line', async () => {
    expect((await end('a-session', 'root')).status).toBe(400)
    for (const body of [{}, { reason: '' }, { reason: 'a\nb' }, { reason: 'a', more: 1 }]) {
      expect((await end(open(), 'root', body)).status).toBe(400)
    }
  })

  test('is on record by whom and why, without the credentials in it', async () => {
    const id = open()
    await end(id, 'oncall', { reason: 'leaked password=hunter2hunter2' })
    const reader = new RedisJournalReader(broker.link, { consumer: randomUUID() })
    const items = await reader.read(1000, AbortSignal.timeout(5000))
    reader.close()
    const entries = items.flatMap(item => ('entry' in item ? [item.entry] : []))
    const entry = entries.find(one => one.kind === 'stop' && one.subject.name === id)
    expect(entry).toMatchObject({ event: 'end', subject: { kind: 'session' }, by: 'oncall' })
    expect(JSON.stringify(entry)).not.toContain('hunter2')
  })
})
