import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newLeaseId } from '../../../src/lease/lease-id.ts'
import { RedisStreamEnds } from '../../../src/lease/stream/redis-stream-ends.ts'
import { PARTITIONS } from '../../../src/redis/keys.ts'
import { EndedByPeople } from '../../../src/session/ended-by-people.ts'
import { CliWorld } from '../cli-world.ts'

let world: CliWorld
let streams: EndedByPeople
const stop = new AbortController()
beforeAll(async () => {
  world = await CliWorld.start()
  const ends = new RedisStreamEnds(await world.valkey.connected())
  streams = new EndedByPeople({ ends, everyMs: 50, onCut: () => {}, onFailure: () => {} })
  void streams.run(stop.signal)
})
afterAll(async () => {
  stop.abort()
  await world.stop()
})

const why = ['--why', 'the wrong table']
const end = (who: string, ...args: readonly string[]) => world.as(who, 'sessions', 'end', ...args)

test('leasegate sessions end says when it is cut', async () => {
  const auditId = randomUUID()
  streams.open({ auditId, lease: newLeaseId('web-operator', PARTITIONS), cut: () => {} })
  expect(await end('hana', auditId, ...why)).toMatchObject({ code: 0, stdout: `session ${auditId} was ended\n` })
})

test('leasegate sessions end says it where there is no such session, also to programs', async () => {
  const auditId = randomUUID()
  const text = await end('hana', auditId, ...why)
  expect(text).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('the id is another') })
  const json = await end('root', auditId, ...why, '-o', 'json')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({ auditId, cutAt: null, by: 'root' })
})

test.each([
  { who: 'web-operator', args: [randomUUID(), ...why], code: 1, says: 'approver, stopper or admin' },
  { who: 'hana', args: [randomUUID()], code: 2, says: '--why' },
  { who: 'hana', args: ['../leases', ...why], code: 1, says: 'audit id' },
])('leasegate sessions end refuses $args of $who', async ({ who, args, code, says }) => {
  expect(await end(who, ...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
})
