import { z } from 'zod'
import { STOP_ACTS } from '../../lease/stop/stop.ts'
import { SUBJECT_KINDS } from '../../lease/stop/subject.ts'
import type { ItemKey } from './journal.ts'
import { type JournalEntry, type JournalItem, type PoisonItem, type Settled, WATCH_ACTS } from './journal-entry.ts'

const text = z.string()
const texts = z.array(text)
const time = z.number().int()
const task = z.object({ name: text, reason: text, ticket: text })

const requestInfo = z.object({
  isResourceRequest: z.boolean(),
  verb: text,
  apiPrefix: text,
  apiGroup: text,
  apiVersion: text,
  namespace: text,
  resource: text,
  subresource: text,
  name: text,
  fieldSelector: text,
  labelSelector: text,
})

// What has a default was not written by earlier authorizers.
const decision = z.object({
  kind: z.literal('decision'),
  auditId: text.min(1),
  decidedAt: time,
  agent: text,
  sponsor: text,
  task,
  lease: text,
  template: text,
  policyRevision: text,
  method: text,
  path: text,
  info: requestInfo.nullable(),
  command: texts,
  runs: texts.default([]),
  container: text,
  ports: text.default(''),
  stdin: z.boolean().default(false),
  tty: z.boolean().default(false),
  dryRun: z.boolean(),
  propagationPolicy: text.default(''),
  force: z.boolean().default(false),
  gracePeriodSeconds: time.nullable().default(null),
  fieldManager: text.default(''),
  intent: z.enum(['allow', 'deny', 'approval']),
  reason: text,
  detail: text,
  rule: text,
  risk: text,
  risks: texts.optional(),
  source: text,
  userAgent: text,
  kubectlCommand: text,
  kubectlSession: text,
  masked: time.default(0),
})

const rule = z.object({
  verbs: texts,
  apiGroups: texts,
  resources: texts,
  resourceNames: texts,
  namespaces: texts,
  nonResourceURLs: texts,
  commands: z.array(texts),
  // Leases of older versions say neither.
  stdin: z.boolean().default(false),
  fields: texts.default([]),
})

const leaseEvent = z.object({
  kind: z.literal('lease'),
  event: z.enum(['issued', 'narrowed', 'revoked']),
  times: z.int().min(0).max(255).optional(),
  at: time,
  lease: text,
  agent: text,
  sponsor: text,
  task,
  template: text,
  namespaces: texts,
  scope: z.array(rule).optional(),
  parameters: z.record(text, text).optional(),
  ancestors: texts.optional(),
  delegatedBy: text.optional(),
  expiresAt: time,
  by: text,
  reason: text,
})

const keptChange = z.object({
  path: text,
  kind: z.enum(['added', 'removed', 'changed']),
  before: text.optional(),
  after: text.optional(),
  hidden: z.boolean().optional(),
})

const approvalEvent = z.object({
  kind: z.literal('approval'),
  event: z.enum(['pending', 'approved', 'rejected', 'yes', 'withdrawn']),
  at: time,
  approval: text,
  lease: text,
  agent: text,
  by: text,
  summary: text,
  // Not in entries of before.
  reason: text.default(''),
  changes: z
    .object({ fields: z.array(keptChange), more: time })
    .nullable()
    .default(null),
})

const holdEvent = z.object({
  kind: z.literal('hold'),
  event: z.enum(['held', 'released']),
  at: time,
  agent: text,
  by: text,
  reason: text,
  until: time.nullable(),
})

const stopEvent = z.object({
  kind: z.literal('stop'),
  event: z.enum([...STOP_ACTS, ...WATCH_ACTS]),
  at: time,
  subject: z.object({ kind: z.enum([...SUBJECT_KINDS, 'session']), name: text }),
  by: text,
  reason: text,
})

const brokerRefusal = z.object({
  kind: z.literal('broker-refusal'),
  id: text,
  at: time,
  agent: text,
  person: text,
  what: text,
  status: time,
  reason: text,
  source: text,
})

const refusals = z.object({ kind: z.literal('refusals'), source: text, minute: time, count: time })

const entrySchema = z.discriminatedUnion('kind', [
  decision,
  leaseEvent,
  approvalEvent,
  holdEvent,
  stopEvent,
  brokerRefusal,
  refusals,
]) satisfies z.ZodType<JournalEntry>

const settledSchema = z.object({
  decision: z.enum(['allow', 'deny', 'pending']),
  reason: text,
  approval: text,
}) satisfies z.ZodType<Settled>

/** The two fields of a stream item: entry and what was settled. Null when the item has no such field. */
export interface RawItem extends ItemKey {
  readonly entry: string | null
  readonly settled: string | null
}

export function parseJournalItem({
  stream,
  id,
  entry: entryText,
  settled: settledText,
}: RawItem): JournalItem | PoisonItem {
  if (entryText === null) return { stream, id, problem: 'no entry' }
  const entry = parsed('entry', entrySchema, entryText)
  if (entry.kind === 'problem') return { stream, id, problem: entry.problem }
  if (settledText === null) return { stream, id, entry: entry.value, settled: null }
  const settled = parsed('settled', settledSchema, settledText)
  if (settled.kind === 'problem') return { stream, id, problem: settled.problem }
  return { stream, id, entry: entry.value, settled: settled.value }
}

type Parsed<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'problem'; readonly problem: string }

/** Problems name the place, never what stands there. */
function parsed<T>(what: string, schema: z.ZodType<T>, json: string): Parsed<T> {
  const value = parseJson(json)
  if (value === undefined) return { kind: 'problem', problem: `${what}: not JSON` }
  const result = schema.safeParse(value)
  if (result.success) return { kind: 'ok', value: result.data }
  const places = result.error.issues.slice(0, 5).map(({ path, code }) => `${path.map(String).join('.')}: ${code}`)
  return { kind: 'problem', problem: `${what}: ${places.join(', ')}` }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
