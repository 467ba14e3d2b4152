import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { Drill } from './a-drill.ts'
import type { AuthorizerClient } from './authorizer-client.ts'

let drill: Drill
beforeAll(async () => {
  drill = await Drill.start(2)
})
afterAll(() => drill.stop())

/** A machine that is busy may answer 503 for a while. */
function isLetIn(client: AuthorizerClient, token: string): Promise<void> {
  return until('a request to be let in', () => client.allows(token, drill.namespace))
}

describe('a stop of what many leases have in common', () => {
  test('is over for the next request on every authorizer once it is acknowledged, and cuts the streams of those leases alone', async () => {
    const { namespace, clients } = drill
    const ending = await Promise.all(Array.from({ length: 20 }, () => drill.lease({ sponsor: 'ada@example.org' })))
    const staying = await drill.lease({ sponsor: 'grace@example.org' })
    await drill.open(100, [...ending, staying])
    for (const client of clients) {
      for (const { token } of [...ending, staying]) await isLetIn(client, token)
    }
    expect(drill.streams.filter(({ cut }) => cut !== '')).toEqual([])

    const subject = { kind: 'sponsor', name: 'ada@example.org' } as const
    await drill.stops.act({ subject, act: 'stop', by: 'root', reason: 'drill', event: '{}' })
    const next = clients.flatMap(client => ending.map(({ token }) => client.allows(token, namespace)))
    expect((await Promise.all(next)).filter(allowed => allowed)).toEqual([])

    const isTheirs = ({ lease }: { readonly lease: string }) => lease !== staying.lease.id
    await until('their streams to be cut', () => drill.streams.filter(isTheirs).every(({ cut }) => cut !== ''))
    expect(new Set(drill.streams.filter(isTheirs).map(({ cut }) => cut))).toEqual(new Set(['lease_revoked']))
    expect(new Set(drill.streams.filter(one => !isTheirs(one)).map(({ cut }) => cut))).toEqual(new Set(['']))
    for (const client of clients) await isLetIn(client, staying.token)
  })
})
