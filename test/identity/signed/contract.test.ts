import { CompactSign } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { openContract, sealContract } from '../../../src/identity/signed/contract.ts'
import { issueLeaseToken } from '../../../src/identity/token/lease-token.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { aLease } from '../../lease/a-lease.ts'
import { type TestKeys, testKeys } from '../../support/keys.ts'

let keys: TestKeys
beforeAll(async () => {
  keys = await testKeys()
})

const rule = {
  verbs: ['get'],
  apiGroups: [''],
  resources: ['pods'],
  resourceNames: [],
  namespaces: ['shop'],
  nonResourceURLs: [],
  commands: [['sh', '-c', '**']],
  stdin: true,
  fields: ['spec.replicas'],
}
const sign = (payload: unknown, header: object = {}) =>
  new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'leasegate-contract+jwt', kid: keys.signing.kid, ...header })
    .sign(keys.signing.key)

describe('openContract', () => {
  test('gives back exactly the lease that was sealed', async () => {
    const lease: Lease = aLease({ scope: [rule], budgets: { deletes: 0, requests: 10 } })
    expect(await openContract(await sealContract(lease, keys.signing), keys.verify)).toEqual(lease)
  })

  test('opens a contract that is much longer than a token may be', async () => {
    const names = Array.from({ length: 5000 }, (_, i) => `object-${i}`)
    const lease = aLease({ scope: [{ ...rule, resourceNames: names }] })
    expect(await openContract(await sealContract(lease, keys.signing), keys.verify)).toEqual(lease)
  })

  test('refuses a contract of a key that is not known, or known by that name only', async () => {
    const contract = await sealContract(aLease(), keys.signing)
    const other = await testKeys()
    expect(await openContract(contract, other.verify)).toBeNull()
    const renamed = new Map([[keys.signing.kid, [...other.verify.values()][0] as never]])
    expect(await openContract(contract, renamed)).toBeNull()
  })

  test.each([
    {
      name: 'a lease token',
      make: async () => (await issueLeaseToken(aLease(), { key: keys.signing, now: 0, ttlMs: 1000 })).token,
    },
    { name: 'another type', make: () => sign(aLease(), { typ: 'JWT' }) },
    { name: 'a header of its own', make: () => sign(aLease(), { jku: 'https://evil.example' }) },
    { name: 'a field of its own', make: () => sign({ ...aLease(), admin: true }) },
    { name: 'a field too few', make: () => sign({ ...aLease(), ancestors: undefined }) },
    { name: 'an end that is no number', make: () => sign({ ...aLease(), expiresAt: '9' }) },
    { name: 'an unknown budget', make: () => sign({ ...aLease(), budgets: { everything: 1 } }) },
    { name: 'a rule with a field of its own', make: () => sign({ ...aLease(), scope: [{ ...rule, all: true }] }) },
    { name: 'text', make: async () => 'contract of lse_1' },
  ])('refuses $name', async ({ make }) => expect(await openContract(await make(), keys.verify)).toBeNull())

  test('refuses a contract whose payload was exchanged', async () => {
    const [header, , signature] = (await sealContract(aLease(), keys.signing)).split('.')
    const wider = Buffer.from(JSON.stringify(aLease({ scope: [rule] }))).toString('base64url')
    expect(await openContract(`${header}.${wider}.${signature}`, keys.verify)).toBeNull()
  })
})
