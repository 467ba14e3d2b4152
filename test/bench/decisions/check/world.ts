import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sealContract } from '../../../../src/identity/token/contract.ts'
import { generateKeyFiles, parseSigningKey } from '../../../../src/identity/token/keys.ts'
import { issueLeaseToken } from '../../../../src/identity/token/lease-token.ts'
import type { Lease } from '../../../../src/lease/lease.ts'
import { RedisLeaseStore } from '../../../../src/lease/redis/redis-lease-store.ts'
import { issueScope } from '../../../../src/policy/template/issue-scope.ts'
import { aLease, creating } from '../../../lease/a-lease.ts'
import { aFile, thePolicy } from '../../../policy/risk-rules/a-file.ts'
import type { Valkey } from '../../../support/stores/valkey.ts'

export const NAMESPACE = 'shop'
export const MANY = 10_000_000
const LONG_MS = 3_600_000

/** As many namespaces as the policy has risk rules, which is the most that it may have: each looks at deployments, none at what is asked. */
export const OTHERS = Array.from({ length: 50 }, (_, index) => `ns-${index}`)
const RISK_RULES = OTHERS.map(
  (other, index) =>
    `{id: own-${index}, tier: medium, why: is our own, apiGroups: [apps], resources: [deployments], namespaces: [${other}, ${NAMESPACE}], changes: [image]}`,
)

const POLICY = aFile(`[${RISK_RULES.join(', ')}]`)

export interface World {
  readonly token: string
  readonly lease: Lease
  readonly publicKeys: string
}

/** Writes policy and keys into the directory, and a lease into the store. */
export async function aWorld(valkey: Valkey, directory: string): Promise<World> {
  const keyFiles = await generateKeyFiles()
  const signing = await parseSigningKey(keyFiles.signing)
  if (signing.kind === 'problem') throw new Error(signing.message)
  const template = thePolicy(POLICY).templates[0]
  if (template === undefined) throw new Error('no template')
  const lease = aLease({
    agent: 'bot',
    sponsor: 'person-0@example.org',
    template: template.name,
    namespaces: [NAMESPACE],
    scope: issueScope(template, [NAMESPACE]),
    budgets: { requests: MANY },
    expiresAt: Date.now() + LONG_MS,
  })
  const contract = await sealContract(lease, signing.value)
  await new RedisLeaseStore(await valkey.connected()).create({ ...creating(lease), contract })
  await writeFile(join(directory, 'policy.yaml'), POLICY)
  await writeFile(join(directory, 'public.json'), keyFiles.verify)
  const { token } = await issueLeaseToken(lease, { key: signing.value, now: Date.now(), ttlMs: LONG_MS })
  return { token, lease, publicKeys: keyFiles.verify }
}
