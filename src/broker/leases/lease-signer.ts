import { sealAnswer } from '../../identity/token/answer.ts'
import { openContract, sealContract } from '../../identity/token/contract.ts'
import type { SigningKey, VerifyKeys } from '../../identity/token/keys.ts'
import { issueLeaseToken } from '../../identity/token/lease-token.ts'
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
    open: contract => openContract(contract, verifyKeys()),
    issue: (lease, now) => issueLeaseToken(lease, { key: signingKey(), now, ttlMs: tokenTtlMs }),
  }
}
