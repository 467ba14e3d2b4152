import { type ClientHttp2Session, connect } from 'node:http2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { playing } from './the-leased-edition.ts'

/** A proxy of one's own, or a program with two clients, sends what comes under two leases over the one connection that it has. */
let session: ClientHttp2Session
let app: string
let granted: { readonly lease: string; readonly token: string }
let narrow: typeof granted

async function leaseOf(template: string): Promise<typeof granted> {
  const lease = await playing.lease(template)
  return { lease, token: await playing.token(lease) }
}

interface Answered {
  readonly status: number
  readonly text: string
}

function get(target: string, token: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': target, authorization: `Bearer ${token}` })
    let [status, text] = [0, '']
    stream.on('response', headers => {
      status = Number(headers[':status'])
    })
    stream.setEncoding('utf8').on('data', data => {
      text += data
    })
    stream.on('error', reject).on('end', () => resolve({ status, text }))
  })
}

/** A boundary that is busy says so. */
async function answered(target: string, token: string): Promise<Answered> {
  let answer = await get(target, token)
  await until('an answer that is no 503', async () => {
    if (answer.status === 503) answer = await get(target, token)
    return answer.status !== 503
  })
  return answer
}

describe('two leases over one connection of HTTP/2', () => {
  const PAIRS = 40

  beforeAll(async () => {
    const { boundaryUrl, names } = playing.edition
    app = names.app
    granted = await leaseOf('operate')
    narrow = await leaseOf('clear-as-well')
    session = connect(boundaryUrl, { rejectUnauthorized: false })
    session.on('error', () => undefined)
  }, 600_000)
  afterAll(() => session?.destroy())

  test('are told apart, request by request, and each is on record under its own', async () => {
    const pods = `/api/v1/namespaces/${app}/pods?limit=1`
    const both = await Promise.all(
      Array.from({ length: PAIRS }, () => [answered(pods, granted.token), answered(pods, narrow.token)]).flat(),
    )
    const seen = both.map(({ status, text }, at) => `${at % 2 === 0 ? 'granted' : 'narrow'} ${status} ${kindOf(text)}`)
    expect(new Set(seen)).toEqual(new Set(['granted 200 PodList', 'narrow 403 Status']))
    await until('all of them on record', async () => {
      const rows = await playing.sql<{ lease: string; decision: string; n: number }>(
        `SELECT lease, decision, toUInt32(count()) AS n FROM requests WHERE lease IN ('${granted.lease}', '${narrow.lease}') AND resource = 'pods' AND status != 503 GROUP BY lease, decision`,
      )
      const counts = new Map(rows.map(({ lease, decision, n }) => [`${lease} ${decision}`, n]))
      return (
        rows.length === 2 &&
        counts.get(`${granted.lease} allow`) === PAIRS &&
        counts.get(`${narrow.lease} deny`) === PAIRS
      )
    })
  })

  test('end one by one: what is revoked is refused, and its watch cut, while the other goes on', async () => {
    const maps = `/api/v1/namespaces/${app}/configmaps`
    const named = `${maps}?watch=true&fieldSelector=metadata.name%3Dtwice`
    const [cut, stays] = [get(named, narrow.token), get(`${maps}?watch=true&timeoutSeconds=600`, granted.token)]
    let isCut = false
    let isOver = false
    void cut.catch(() => undefined).then(() => (isCut = true))
    void stays.catch(() => undefined).then(() => (isOver = true))
    await until('both watches to run', async () => (await watches()) === 2)
    expect(await playing.leasegate('admin', 'lease', 'revoke', narrow.lease)).toMatchObject({ code: 0 })
    await until('the one watch to be cut', () => isCut)
    const twice = `${maps}/twice`
    expect((await answered(twice, narrow.token)).text).toContain('lease-revoked')
    expect((await answered(maps, granted.token)).status).toBe(200)
    expect(isOver).toBe(false)
    expect(session.closed).toBe(false)
  })

  async function watches(): Promise<number> {
    const rows = await playing.sql<object>(
      `SELECT 1 FROM requests WHERE lease IN ('${granted.lease}', '${narrow.lease}') AND verb = 'watch' AND state = 'open'`,
    )
    return rows.length
  }
})

function kindOf(text: string): unknown {
  return (JSON.parse(text) as { readonly kind?: unknown }).kind
}
