import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyFiles, parseSigningKey } from '../../../../src/identity/keys/keys.ts'
import { sealContract } from '../../../../src/identity/signed/contract.ts'
import { issueLeaseToken } from '../../../../src/identity/token/lease-token.ts'
import type { Lease } from '../../../../src/lease/lease.ts'
import { LIMITS } from '../../../../src/lease/limits.ts'
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

export const POLICY = aFile(`[${RISK_RULES.join(', ')}]`)

export interface Holder {
  readonly token: string
  readonly lease: Lease
}

export interface World extends Holder {
  readonly publicKeys: string
  /** A lease of another agent, by the same template. */
  readonly another: (agent: string) => Promise<Holder>
}

/** Writes policy and keys into the directory, and a lease into the store: of the policy's first template, whatever its size. */
export async function aWorld(valkey: Valkey, directory: string, policy = POLICY): Promise<World> {
  const keyFiles = await generateKeyFiles()
  const signing = await parseSigningKey(keyFiles.signing)
  if (signing.kind === 'problem') throw new Error(signing.message)
  const template = thePolicy(policy).templates[0]
  if (template === undefined) throw new Error('no template')
  const store = new RedisLeaseStore(await valkey.connected(), {
    limits: { ...LIMITS, contractBytes: MANY, leasesPerMinute: MANY },
  })
  const another = async (agent: string): Promise<Holder> => {
    const lease = aLease({
      agent,
      sponsor: 'person-0@example.org',
      template: template.name,
      namespaces: [NAMESPACE],
      scope: issueScope(template, [NAMESPACE]),
      budgets: { requests: MANY },
      expiresAt: Date.now() + LONG_MS,
    })
    const contract = await sealContract(lease, signing.value)
    const { kind } = await store.create({ ...creating(lease), contract })
    if (kind !== 'created') throw new Error(`the store said ${kind}`)
    const { token } = await issueLeaseToken(lease, { key: signing.value, now: Date.now(), ttlMs: LONG_MS })
    return { token, lease }
  }
  await writeFile(join(directory, 'policy.yaml'), policy)
  await writeFile(join(directory, 'public.json'), keyFiles.verify)
  return { ...(await another('bot')), publicKeys: keyFiles.verify, another }
}
