import { describe, expect, test } from 'vitest'
import { toDenial } from '../../src/authorizer/answer/to-answer.ts'
import { authorize } from '../../src/authorizer/authorize.ts'
import { admit } from '../../src/authorizer/share/admit.ts'
import type { Surroundings } from '../../src/authorizer/surroundings.ts'
import { issueLeaseToken } from '../../src/identity/token/lease-token.ts'
import { LeaseTokenVerifier } from '../../src/identity/token/lease-token-verifier.ts'
import type { Holder, Lease } from '../../src/lease/lease.ts'
import { creating } from '../lease/a-lease.ts'
import { aPolicy, aTemplate, leaseOf } from '../policy/a-policy.ts'
import { testKeys } from '../support/keys.ts'
import { aRoad, http, NOW } from './road.ts'

const PODS = 'GET /api/v1/namespaces/x/pods'
const OWN = 'A'.repeat(43)
const OTHER = 'B'.repeat(43)

function holder(boundTo: Holder['boundTo'], thumbprint = OWN): Holder {
  return { authority: 'mesh', name: 'spiffe://d/bot', thumbprint, boundTo }
}

interface Given {
  readonly lease?: Partial<Lease>
  readonly above?: Partial<Lease>
  /** In the token; null: none. */
  readonly token?: string | null
  readonly template?: Parameters<typeof aTemplate>[0]
}

/** A lease that is bound as said, with a token that is. */
async function bound({ lease: given = {}, above, token = OWN, template = {} }: Given) {
  const road = await aRoad()
  const keys = await testKeys()
  const times = { agent: 'bot', issuedAt: NOW, expiresAt: NOW + 600_000 }
  const root = leaseOf(aTemplate(), { ...times, id: 'root', ...above })
  const ancestors = above === undefined ? [] : ['root']
  const lease = leaseOf(aTemplate(), { ...times, id: 'own', ancestors, ...given })
  for (const each of above === undefined ? [lease] : [root, lease]) await road.stores.store.create(creating(each))
  const verifier = new LeaseTokenVerifier(() => keys.verify)
  const issued = await issueLeaseToken(lease, { key: keys.signing, now: NOW, ttlMs: 300_000, certificate: token })
  const refusals: string[] = []
  const refuse: Surroundings['ledger']['refuse'] = async ({ entry }) => void refusals.push(entry)
  const around: Surroundings = {
    ...road.around,
    ledger: { ...road.around.ledger, refuse },
    identify: (headers, now) => verifier.identify(headers, now),
    findLease: async id => (id === 'own' ? lease : id === 'root' ? root : null),
    policy: () => aPolicy({ templates: [aTemplate(template)] }),
  }
  const send = (shown: string | null) =>
    authorize(http(PODS, issued.token, shown === null ? {} : { certificate: shown }), around)
  const head = (shown: string | null) =>
    admit(http('POST /x', issued.token, shown === null ? {} : { certificate: shown }), around)
  return { send, head, refusals, journal: road.stores.journal }
}

describe('a token that is bound to a certificate', () => {
  test.each(['name', 'certificate'] as const)('passes over that one, of a lease that is bound to the %s', async to => {
    const { send, head } = await bound({ lease: { holder: holder(to) } })
    expect(await send(OWN)).toMatchObject({ kind: 'allow' })
    expect(await head(OWN)).toBeNull()
  })

  test.each([
    ['none', null],
    ['another', OTHER],
    ['something that begins like it', OWN.slice(0, 42)],
  ])('is refused over %s, before any body is waited for, and that is on record by its lease', async (_, shown) => {
    const { send, head, refusals, journal } = await bound({ lease: { holder: holder('name') } })
    for (const decision of [await head(shown), await send(shown)]) {
      expect(decision).toMatchObject({ kind: 'deny', reason: 'other-certificate' })
      if (decision?.kind !== 'deny') throw new Error('allowed')
      expect(toDenial(decision)).toMatchObject({ status: 401 })
    }
    expect(JSON.parse(refusals.at(-1) ?? '')).toMatchObject({
      reason: 'other-certificate',
      lease: 'own',
      agent: 'bot',
    })
    // Its agent pays for nothing of it.
    expect(journal.filter(entry => entry.includes('other-certificate'))).toEqual([])
  })

  test('is one of the next certificate where the lease is bound to the name, and not where it is to the certificate', async () => {
    const named = await bound({ lease: { holder: holder('name') }, token: OTHER })
    expect(await named.send(OTHER)).toMatchObject({ kind: 'allow' })
    const pinned = await bound({ lease: { holder: holder('certificate') }, token: OTHER })
    for (const shown of [OWN, OTHER]) {
      expect(await pinned.send(shown)).toMatchObject({ kind: 'deny', reason: 'other-certificate' })
    }
  })
})

describe('a token that is bound to none', () => {
  test('is none of a lease that is bound', async () => {
    const { send } = await bound({ lease: { holder: holder('name') }, token: null })
    for (const shown of [null, OWN]) {
      expect(await send(shown)).toMatchObject({ kind: 'deny', reason: 'other-certificate' })
    }
  })

  test('of a lease that is not passes over any connection', async () => {
    const { send } = await bound({ token: null })
    for (const shown of [null, OWN]) expect(await send(shown)).toMatchObject({ kind: 'allow' })
  })
})

describe('a lease that was narrowed from a bound one', () => {
  test('is bound with it, whatever it says itself', async () => {
    const loose = await bound({ above: { holder: holder('name') }, token: null })
    expect(await loose.send(OWN)).toMatchObject({ kind: 'deny', reason: 'other-certificate' })
    const pinned = await bound({
      above: { holder: holder('certificate') },
      lease: { holder: holder('name', OTHER) },
      token: OTHER,
    })
    expect(await pinned.send(OTHER)).toMatchObject({ kind: 'deny', reason: 'other-certificate' })
  })
})

describe('a template that came to require a certificate', () => {
  test('binds leases that run: those that are bound to none are over', async () => {
    const { send } = await bound({ token: null, template: { certificate: 'required' } })
    expect(await send(OWN)).toMatchObject({ kind: 'deny', reason: 'not-in-policy' })
    const held = await bound({ lease: { holder: holder('name') }, template: { certificate: 'required' } })
    expect(await held.send(OWN)).toMatchObject({ kind: 'allow' })
  })
})
