import { once } from 'node:events'
import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endUnheard } from '../../../src/broker/leases/end-unheard.ts'
import { partitionPrefixes } from '../../../src/redis/keys.ts'
import { aLease } from '../../lease/a-lease.ts'
import { until } from '../../support/until.ts'
import { TestBroker } from '../test-broker.ts'

const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '10m', namespaces: ['shop'] }

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())

/** What the record will have of leases, in order. */
async function events(): Promise<readonly { event: string; by: string; reason: string }[]> {
  const journals = await Promise.all(
    partitionPrefixes(4).map(prefix => broker.link.ask('journal', redis => redis.xrange(`${prefix}journal`, '-', '+'))),
  )
  return journals
    .flat()
    .map(([, fields]) => JSON.parse(fields[fields.indexOf('e') + 1] ?? '{}'))
    .filter(({ kind }) => kind === 'lease')
}

/** Asks, and is gone while the store still thinks about it. */
async function askAndGo(): Promise<void> {
  broker.valkey.freeze()
  const headers = { authorization: `Bearer ${await broker.token('web-operator')}`, 'content-type': 'application/json' }
  const request = http.request({ socketPath: broker.socket, method: 'POST', path: '/v1/leases', headers })
  request.on('error', () => undefined).end(JSON.stringify(WISH))
  await once(request, 'finish')
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  request.destroy()
  broker.valkey.thaw()
}

test('a lease of which nobody heard, because whoever asked was gone, ends at once and is on record', async () => {
  await until('a lease to be given to nobody', async () => {
    await askAndGo()
    return (await events()).some(({ event }) => event === 'issued')
  })
  const isOver = async () => (await broker.as('root', 'GET', '/v1/leases')).body.leases.length === 0
  await until('it to end', isOver)
  expect((await events()).at(-1)).toMatchObject({
    event: 'revoked',
    by: 'leasegate',
    reason: 'whoever asked was gone before the answer',
  })
})

test('one that was answered goes on, whatever becomes of the connection', async () => {
  const { status, body } = await broker.as('web-operator', 'POST', '/v1/leases', WISH)
  expect(status).toBe(201)
  const again = await broker.as('web-operator', 'GET', `/v1/leases/${body.id}`)
  expect(again.body.state.kind).toBe('active')
})

test('one that a person said yes to stays, for to ask again would be to ask them again', async () => {
  const ended: string[] = []
  const revoke = async ({ id }: { readonly id: string }) => ended.push(id) > 0
  const parts = { leases: { revoke }, clock: Date.now, log: { info: () => undefined, error: () => undefined } }
  const [agreed, plain] = [aLease({ given: { approval: 'apr_x', by: ['hana'] } }), aLease()]
  for (const lease of [agreed, plain]) endUnheard({ lease }, AbortSignal.abort(), parts)
  await until('the other to end', () => ended.length > 0)
  expect(ended).toEqual([plain.id])
})
