import QuickLRU from 'quick-lru'
import type { SigningKey, VerifyKeys } from '../../identity/keys/keys.ts'
import { openAnswer, sealAnswer } from '../../identity/signed/answer.ts'
import { openContract, sealContract } from '../../identity/signed/contract.ts'
import { openPlan, sealPlan } from '../../identity/signed/plan.ts'
import { sealWatch } from '../../identity/signed/watch-mark.ts'
import { issueLeaseToken } from '../../identity/token/lease-token.ts'
import type { Lease } from '../../lease/lease.ts'
import type { LeaseSigner } from '../parts.ts'

interface Signing {
  /** Both are asked each time, so that keys can be changed while the broker runs. */
  readonly signingKey: () => SigningKey
  readonly verifyKeys: () => VerifyKeys
  readonly tokenTtlMs: number
}

export function leaseSigner({ signingKey, verifyKeys, tokenTtlMs }: Signing): LeaseSigner {
  return {
    seal: lease => sealContract(lease, signingKey()),
    sealAnswer: answer => sealAnswer(answer, signingKey()),
    openAnswer: text => openAnswer(text, verifyKeys()),
    sealWatch: watch => sealWatch(watch, signingKey()),
    sealPlan: plan => sealPlan(plan, signingKey(), verifyKeys()),
    openPlan: text => openPlan(text, signingKey(), verifyKeys()),
    open: opener(verifyKeys),
    issue: (lease, now, certificate) =>
      issueLeaseToken(lease, { key: signingKey(), now, ttlMs: tokenTtlMs, certificate }),
  }
}

/** Of the longest contracts that there may be, 64 MB. */
const KEPT = 1000

/** A contract never changes, so a list of many is not verified anew with each look at it; with other keys everything is. */
function opener(verifyKeys: () => VerifyKeys): LeaseSigner['open'] {
  const opened = new QuickLRU<string, Lease>({ maxSize: KEPT })
  let by: VerifyKeys | null = null
  return async contract => {
    const keys = verifyKeys()
    if (keys !== by) opened.clear()
    by = keys
    const known = opened.get(contract)
    if (known !== undefined) return known
    const lease = await openContract(contract, keys)
    if (lease !== null && keys === by) opened.set(contract, lease)
    return lease
  }
}
