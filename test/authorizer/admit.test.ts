import { describe, expect, test } from 'vitest'
import { authorize } from '../../src/authorizer/authorize.ts'
import { admit } from '../../src/authorizer/share/admit.ts'
import { Share } from '../../src/authorizer/share/share.ts'
import type { HeaderLine } from '../../src/request/http-request.ts'
import { aRoad, http } from './road.ts'

const MAPS = '/api/v1/namespaces/x/configmaps'
const KIB = 1024

/** A road on which an agent may have 10 KiB of bodies on the way, and a second of thought. */
async function narrowRoad() {
  const road = await aRoad()
  const shares = {
    bodyBytes: new Share({ most: 10 * KIB, perSecond: 1 }),
    cpuMs: new Share({ most: 1000, perSecond: 1 }),
  }
  const { token } = road
  const head = (announcedBytes: number, sent: string | null = token) =>
    http(`POST ${MAPS}`, sent, { announcedBytes, ...withLength(sent, announcedBytes) })
  const whole = (announcedBytes: number) => ({ ...head(announcedBytes), body: new Uint8Array(announcedBytes) })
  return { ...road, around: { ...road.around, shares }, head, whole }
}

function withLength(token: string | null, length: number): { readonly headers: readonly HeaderLine[] } {
  const lines: HeaderLine[] = [['content-length', String(length)]]
  return { headers: token === null ? lines : [['authorization', `Bearer ${token}`], ...lines] }
}

function entries(journal: readonly string[]): readonly unknown[] {
  return journal.map(entry => JSON.parse(entry))
}

describe('admit', () => {
  test('lets the body of a lease holder come, and writes nothing down', async () => {
    const { around, stores, head } = await narrowRoad()
    const before = stores.journal.length
    expect(await admit(head(KIB), around)).toBeNull()
    expect(stores.journal).toHaveLength(before)
  })

  test.each([
    { name: 'no token', token: null, reason: 'no-credential' },
    { name: 'no token of ours', token: 'x.y.z', reason: 'bad-token' },
  ])('refuses whoever has $name, on record with what was asked', async ({ token, reason }) => {
    const { around, stores, head } = await narrowRoad()
    expect(await admit(head(KIB, token), around)).toMatchObject({ kind: 'deny', reason })
    expect(entries(stores.journal).at(-1)).toMatchObject({ reason, info: { verb: 'create', resource: 'configmaps' } })
  })

  test('refuses a token whose end has come', async () => {
    const { around, head } = await narrowRoad()
    const later = { ...around, now: () => around.now() + 301_000 }
    expect(await admit(head(KIB), later)).toMatchObject({ reason: 'token-expired' })
  })

  test('refuses more than the share of an agent, on record under its lease', async () => {
    const { around, stores, lease, head } = await narrowRoad()
    expect(await admit(head(8 * KIB), around)).toBeNull()
    expect(await admit(head(4 * KIB), around)).toMatchObject({
      kind: 'deny',
      reason: 'too-many-requests',
      key: { lease: lease.id },
    })
    expect(entries(stores.journal).at(-1)).toMatchObject({ reason: 'too-many-requests', lease: lease.id })
  })

  test('counts small bodies too: their requests are kept as well', async () => {
    const { around, head } = await narrowRoad()
    for (let i = 0; i < 5; i++) expect(await admit(head(0), around)).toBeNull()
    expect(await admit(head(0), around)).toMatchObject({ reason: 'too-many-requests' })
  })

  test('has room again when the body is here, whatever became of it', async () => {
    const { around, head, whole } = await narrowRoad()
    expect(await admit(head(10 * KIB), around)).toBeNull()
    await authorize(whole(10 * KIB), around)
    expect(await admit(head(10 * KIB), around)).toBeNull()
  })

  test('denies what cannot be decided', async () => {
    const { around, head, failures } = await narrowRoad()
    const broken = { ...around, findLease: () => Promise.reject(new Error('no store')) }
    expect(await admit(head(KIB), broken)).toMatchObject({ kind: 'deny', reason: 'unavailable' })
    expect(failures).toHaveLength(1)
  })
})

describe('authorize', () => {
  test('reads no more bodies of an agent that spent its time, and all else of it', async () => {
    const { around, stores, token, whole } = await narrowRoad()
    let cpuMs = 0
    // A request is charged twice: for reading and judging it, and for preparing its answer.
    const slow = { ...around, cpuMs: () => (cpuMs += 300) }
    for (let i = 0; i < 2; i++)
      expect(await authorize(whole(KIB), slow)).not.toMatchObject({ reason: 'too-many-requests' })
    expect(await authorize(whole(KIB), slow)).toMatchObject({ kind: 'deny', reason: 'too-many-requests' })
    expect(entries(stores.journal).at(-1)).toMatchObject({ reason: 'too-many-requests' })
    const touched = new Set<string | symbol>()
    const body = new Proxy(new Uint8Array(KIB), {
      get: (bytes, key) => {
        touched.add(key)
        return Reflect.get(bytes, key, bytes)
      },
    })
    const put = { ...whole(KIB), method: 'PUT', target: `${MAPS}/a`, body }
    expect(await authorize(put, slow)).toMatchObject({ reason: 'too-many-requests' })
    expect(touched).toEqual(new Set(['length']))
    expect(await authorize(http('GET /api/v1/namespaces/x/pods', token), slow)).toMatchObject({ kind: 'allow' })
  })
})
