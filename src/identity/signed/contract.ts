import { CompactSign, compactVerify } from 'jose'
import { z } from 'zod'
import type { Lease } from '../../lease/lease.ts'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { parseCompactJws } from '../token/compact-jws.ts'
import { LEASE } from '../token/lease-claims.ts'
import { ALGORITHM, CONTRACT_TYPE } from '../token/token-types.ts'

/** A scope may name a great many objects. */
const MAX_CONTRACT = 1_048_576
const HEADER = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(CONTRACT_TYPE), kid: z.string() })

/** The lease, signed: whoever can write to the store still cannot make or change one. */
export async function sealContract(lease: Lease, key: SigningKey): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(lease)))
    .setProtectedHeader({ alg: ALGORITHM, typ: CONTRACT_TYPE, kid: key.kid })
    .sign(key.key)
}

/** The lease of a contract that one of these keys signed, else null. */
export async function openContract(contract: string, keys: VerifyKeys): Promise<Lease | null> {
  const parsed = parseContract(contract)
  const key = parsed === null ? undefined : keys.get(parsed.kid)
  if (parsed === null || key === undefined) return null
  return compactVerify(contract, key, { algorithms: [ALGORITHM] }).then(
    () => parsed.lease,
    () => null,
  )
}

function parseContract(contract: string): { readonly kid: string; readonly lease: Lease } | null {
  const jws = parseCompactJws(contract, MAX_CONTRACT)
  const header = HEADER.safeParse(jws?.header)
  const lease = LEASE.safeParse(jws?.payload)
  if (!header.success || !lease.success) return null
  return { kid: header.data.kid, lease: lease.data }
}
