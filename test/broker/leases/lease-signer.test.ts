import { describe, expect, test } from 'vitest'
import { leaseSigner } from '../../../src/broker/leases/lease-signer.ts'
import { aLease } from '../../lease/a-lease.ts'
import { testKeys } from '../../support/keys.ts'

describe('leaseSigner', () => {
  test('opens what it sealed, again and again, until the key is gone', async () => {
    const [ours, others] = [await testKeys(), await testKeys()]
    let verify = ours.verify
    const signer = leaseSigner({ signingKey: () => ours.signing, verifyKeys: () => verify, tokenTtlMs: 60_000 })
    const lease = aLease()
    const contract = await signer.seal(lease)
    expect(await signer.open(contract)).toEqual(lease)
    expect(await signer.open(contract)).toEqual(lease)
    verify = others.verify
    expect(await signer.open(contract)).toBeNull()
    verify = ours.verify
    expect(await signer.open(contract)).toEqual(lease)
  })

  test('opens nothing that was changed', async () => {
    const { signing, verify } = await testKeys()
    const signer = leaseSigner({ signingKey: () => signing, verifyKeys: () => verify, tokenTtlMs: 60_000 })
    const contract = await signer.seal(aLease())
    expect(await signer.open(contract)).not.toBeNull()
    expect(await signer.open(`${contract.slice(0, -4)}AAAA`)).toBeNull()
  })
})
