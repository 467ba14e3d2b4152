import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sealContract } from '../../../src/identity/token/contract.ts'
import { generateKeyFiles, parseSigningKey } from '../../../src/identity/token/keys.ts'
import { issueLeaseToken } from '../../../src/identity/token/lease-token.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { aLease, creating } from '../../lease/a-lease.ts'
import { aFile, thePolicy } from '../../policy/risk-rules/a-file.ts'
import type { Valkey } from '../../support/stores/valkey.ts'

/** How much there is of what a decision may have to look through. */
export interface Size {
  /** Of the lease's template; the last one covers what is asked. */
  readonly rules: number
  /** Of the policy; the last one is the lease's. */
  readonly templates: number
  /** That live in the store; one of them is asked with. */
  readonly leases: number
}

export const ONE_OF_EACH: Size = { rules: 1, templates: 1, leases: 1 }

export const NAMESPACE = 'shop'
export const MANY = 10_000_000
const LONG_MS = 3_600_000
const AT_ONCE = 200

/** As many namespaces as the policy has risk rules, which is the most that it may have: each looks at deployments, none at what is asked. */
export const OTHERS = Array.from({ length: 50 }, (_, index) => `ns-${index}`)
const RISK_RULES = OTHERS.map(
  (other, index) =>
    `{id: own-${index}, tier: medium, why: is our own, apiGroups: [apps], resources: [deployments], namespaces: [${other}, ${NAMESPACE}], changes: [image]}`,
)

export interface World {
  readonly token: string
  readonly lease: Lease
  readonly publicKeys: string
  /** Of the store's memory, for each lease. */
  readonly bytesALease: number
}

/** Writes policy and keys into the directory, and leases into the store. */
export async function aWorld(valkey: Valkey, directory: string, size: Size): Promise<World> {
  const keyFiles = await generateKeyFiles()
  const signing = await parseSigningKey(keyFiles.signing)
  if (signing.kind === 'problem') throw new Error(signing.message)
  const text = policyOf(size)
  const template = thePolicy(text).templates.at(-1)
  if (template === undefined) throw new Error('no template')
  const link = await valkey.connected()
  const store = new RedisLeaseStore(link, { limits: { ...LIMITS, leases: MANY, leasesPerMinute: MANY } })
  const newLease = (at: number) =>
    aLease({
      agent: 'bot',
      sponsor: `person-${at}@example.org`,
      template: template.name,
      namespaces: [NAMESPACE],
      scope: issueScope(template, [NAMESPACE]),
      budgets: { requests: MANY },
      expiresAt: Date.now() + LONG_MS,
    })
  const lease = newLease(0)
  const contract = await sealContract(lease, signing.value)
  await store.create({ ...creating(lease), contract })
  const memory = async () =>
    Number(/^used_memory:(\d+)/m.exec(await link.ask('info', redis => redis.info('memory')))?.[1])
  const before = await memory()
  // Nobody asks with them: what each says is of no matter, how long it is is.
  for (let at = 1; at < size.leases; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, size.leases - at) }, (_, index) => newLease(at + index))
    await Promise.all(some.map(each => store.create({ ...creating(each), contract })))
  }
  const bytesALease = (await memory()) - before
  await writeFile(join(directory, 'policy.yaml'), text)
  await writeFile(join(directory, 'public.json'), keyFiles.verify)
  const { token } = await issueLeaseToken(lease, { key: signing.value, now: Date.now(), ttlMs: LONG_MS })
  return { token, lease, publicKeys: keyFiles.verify, bytesALease: bytesALease / Math.max(1, size.leases - 1) }
}

function policyOf({ rules, templates }: Size): string {
  const all = (resource: string) => `{verbs: ['*'], apiGroups: ['*'], resources: [${resource}]}`
  const listed = [...Array.from({ length: rules - 1 }, (_, at) => all(`kind-${at}s`)), all("'*'")]
  const template = (_: unknown, at: number) => `
  - name: task-${at}
    grants: [{agent: bot, namespaces: [${NAMESPACE}]}]
    rules: [${listed.join(', ')}]
    maxTtl: 1h`
  return aFile(`[${RISK_RULES.join(', ')}]`) + Array.from({ length: templates }, template).join('').slice(1)
}
