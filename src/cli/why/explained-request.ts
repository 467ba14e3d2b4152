import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { LEASE } from '../../identity/token/lease-claims.ts'
import type { BrokerClient } from '../broker-client.ts'
import { CliError } from '../cli-error.ts'

const texts = z.array(z.string())

const TEMPLATE_RULE = z.object({
  scope: z.enum(['namespaces', 'cluster']),
  verbs: texts,
  apiGroups: texts,
  resources: texts,
  resourceNames: texts,
  nonResourceURLs: texts,
  commands: z.array(texts),
  stdin: z.boolean(),
  fields: texts,
})

const WAY = z.object({
  kind: z.literal('lease'),
  template: z.string(),
  namespaces: texts,
  ttlMs: z.number().nullable(),
  instead: z.string().nullable(),
  lacks: z.string().default(''),
  wantsTicket: z.boolean().default(false),
  wantsConsent: z.boolean().default(false),
  parameters: z.record(z.string(), z.string()).default({}),
  sure: z.boolean(),
  command: z.string(),
})

const HELP = z.discriminatedUnion('kind', [
  WAY,
  z.object({ kind: z.literal('held'), lease: z.string(), template: z.string(), command: z.string() }),
  z.object({ kind: z.literal('approval'), approval: z.string(), command: z.string() }),
  z.object({
    kind: z.literal('platform'),
    template: z.string(),
    namespaces: texts,
    rules: z.array(TEMPLATE_RULE),
    dangerous: texts,
    notes: texts,
  }),
])

/** One request as the broker explains it. */
export const EXPLAINED_REQUEST = z.object({
  auditId: z.string(),
  decidedAt: z.number(),
  what: z.string(),
  request: z.object({
    verb: z.string(),
    apiGroup: z.string(),
    resource: z.string(),
    subresource: z.string(),
    namespace: z.string(),
    name: z.string(),
    method: z.string(),
    path: z.string(),
    command: texts,
  }),
  agent: z.string(),
  sponsor: z.string(),
  lease: z.string(),
  template: z.string(),
  task: z.string(),
  decision: z.enum(['allow', 'deny', 'pending']),
  reason: z.string(),
  detail: z.string(),
  message: z.string(),
  rule: z.string(),
  rules: LEASE.shape.scope,
  risk: z.object({ id: z.string(), tier: z.string(), why: z.string() }).nullable(),
  approval: z
    .object({
      id: z.string(),
      state: z.string(),
      decidedBy: z.string(),
      why: z.string(),
      endsAt: z.number().nullable(),
    })
    .nullable(),
  policy: z.object({ was: z.string(), now: z.string(), says: z.array(z.enum(['allow', 'ask', 'deny'])) }),
  outcome: z.object({ state: z.string(), status: z.number(), endReason: z.string() }),
  help: z.array(HELP),
})

export type ExplainedRequest = z.infer<typeof EXPLAINED_REQUEST>
export type Help = z.infer<typeof HELP>
export type LeaseWay = z.infer<typeof WAY>

/** The tap brings what was decided within a second or so: whoever asks at once is a little early. */
const TRY_AGAIN_MS = [1000, 3000] as const

export async function askWhy(broker: BrokerClient, auditId: string): Promise<ExplainedRequest> {
  const ask = () => broker('GET', `/v1/requests/${encodeURIComponent(auditId)}`, EXPLAINED_REQUEST)
  for (const pause of TRY_AGAIN_MS) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'refused') throw error
    }
    await sleep(pause)
  }
  return ask()
}
