import { CompactSign, compactVerify } from 'jose'
import { z } from 'zod'
import { BUDGETS, type Lease } from '../../lease/lease.ts'
import { QUORUM } from '../../lease/quorum.ts'
import { RISK_RULE, STANCE, TIERS } from '../../lease/risk-rule.ts'
import { NO_TERMS } from '../../lease/terms.ts'
import { parseCompactJws } from './compact-jws.ts'
import type { SigningKey, VerifyKeys } from './keys.ts'
import { ALGORITHM, CONTRACT_TYPE } from './token-types.ts'

/** A scope may name a great many objects. */
const MAX_CONTRACT = 1_048_576
const HEADER = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(CONTRACT_TYPE), kid: z.string() })

const texts = z.array(z.string()).readonly()
const RULE = z.strictObject({
  verbs: texts,
  apiGroups: texts,
  resources: texts,
  resourceNames: texts,
  namespaces: texts,
  nonResourceURLs: texts,
  commands: z.array(texts).readonly(),
  stdin: z.boolean().default(false),
  fields: texts.default([]),
})

/** A contract from before there were terms has none, which is the strictest there is. */
const TERMS = z.strictObject({
  dangerous: texts,
  approval: z
    .strictObject({
      skip: texts,
      require: texts,
      quorum: QUORUM.exactOptional(),
      risks: z.record(z.string(), QUORUM).readonly().exactOptional(),
      tiers: z.partialRecord(z.enum(TIERS), STANCE).readonly().exactOptional(),
      untilLeaseEnds: z.literal(true).exactOptional(),
    })
    .readonly(),
  serviceAccounts: texts,
  riskRules: z.array(z.array(RISK_RULE.readonly()).readonly()).readonly().exactOptional(),
})

/** A lease as contracts carry it and `lease show -o json` prints it. */
export const LEASE = z.strictObject({
  id: z.string().min(1),
  agent: z.string().min(1),
  sponsor: z.string(),
  issuer: z.string().min(1).exactOptional(),
  task: z.strictObject({ name: z.string(), reason: z.string(), ticket: z.string() }).readonly(),
  template: z.string().min(1),
  scope: z.array(RULE.readonly()).readonly(),
  namespaces: texts,
  budgets: z.partialRecord(z.enum(BUDGETS), z.int().nonnegative()).readonly(),
  terms: TERMS.readonly().default(NO_TERMS),
  issuedAt: z.int(),
  expiresAt: z.int(),
  policyRevision: z.string(),
  ancestors: texts,
})

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
