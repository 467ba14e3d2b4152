import { z } from 'zod'
import { LEASE } from '../identity/token/lease-claims.ts'

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
  metadataOnly: z.literal(true).exactOptional(),
  labelSelector: z.string().exactOptional(),
  fieldSelector: z.string().exactOptional(),
})

const COMMAND = z.string().describe('Typed as it stands.')

/** A lease by a template that is granted. */
const WAY = z.object({
  kind: z.literal('lease'),
  template: z.string(),
  namespaces: texts,
  ttlMs: z.number().nullable().describe('Null where the usual time is allowed.'),
  instead: z.string().nullable().describe('The lease that has to end first.'),
  lacks: z.string().describe('What the rest of the command would lack; empty where it lacks nothing.'),
  wantsTicket: z.boolean(),
  wantsConsent: z.boolean().describe('Of the person that it is for.'),
  parameters: z.record(z.string(), z.string()),
  sure: z.boolean().describe('False: whether it does depends on what was sent, which is not on record.'),
  command: COMMAND,
})

const HELP = z.discriminatedUnion('kind', [
  WAY,
  z.object({ kind: z.literal('held'), lease: z.string(), template: z.string(), command: COMMAND }),
  z.object({ kind: z.literal('approval'), approval: z.string(), command: COMMAND }),
  // What the platform team would have to grant. Only they can say whether.
  z.object({
    kind: z.literal('platform'),
    template: z.string().describe('Of the lease that it came under.'),
    namespaces: texts,
    rules: z.array(TEMPLATE_RULE),
    dangerous: texts.describe('Risks that the template would have to name.'),
    notes: texts,
  }),
])

const RISK = z.object({ id: z.string(), tier: z.string(), why: z.string() })

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
  message: z.string().describe('What is said of it, by the policy as it stands; empty where it was let through.'),
  rule: z.string().describe('What covered it, as the record names it.'),
  rules: LEASE.shape.scope,
  risk: RISK.nullable().describe('The one that it was decided by.'),
  risks: z
    .array(RISK)
    .default([])
    .describe('All of them, worst first; of a request recorded before they were kept, that one.'),
  approval: z
    .object({
      id: z.string(),
      state: z
        .string()
        .describe('pending, approved, rejected, used, expired; unknown where neither store nor record say.'),
      decidedBy: z.string(),
      why: z.string().describe('In words of who said no.'),
      endsAt: z.number().nullable().describe('Null where that is not known any more.'),
    })
    .nullable(),
  policy: z.object({
    was: z.string(),
    now: z.string(),
    says: z
      .array(z.enum(['allow', 'ask', 'deny']))
      .describe('What it would be told today, mildest first; more than one where that depends on what was sent.'),
  }),
  outcome: z.object({ state: z.string(), status: z.number(), endReason: z.string() }),
  help: z.array(HELP).describe('What would let it pass, the surest first.'),
})

export type ExplainedRequest = z.infer<typeof EXPLAINED_REQUEST>
export type Help = z.infer<typeof HELP>
export type LeaseWay = z.infer<typeof WAY>
