import type { Context } from 'hono'
import { z } from 'zod'
import { BUDGETS } from '../../lease/lease.ts'
import { isLeaseId } from '../../lease/lease-id.ts'
import { STOP_ACTS } from '../../lease/stop/stop.ts'
import { SUBJECT_KINDS } from '../../lease/stop/subject.ts'
import { parseDuration, parseHoldTime } from '../../policy/file/values/duration.ts'
import { DEFAULT_TTL_MS } from '../../policy/template/may-request.ts'
import { ONE_LINE } from '../../support/text/one-line.ts'
import { StatusError } from './refusal/status.ts'

/** Bytes. */
export const MAX_BODY = 65_536

const line = (max: number) => z.string().trim().max(max).regex(ONE_LINE, 'must be one line of plain text')

const ttl = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms === null) context.addIssue({ code: 'custom', message: 'must be a duration such as 10m or 1h30m' })
  return ms ?? 0
})

export const LEASE_REQUEST = z.strictObject({
  template: z.string().min(1).max(253).describe('A task template that whoami names.'),
  reason: line(500).min(1, 'must say why').describe('For people, and for the record.'),
  task: line(200).default('').describe("What the agent calls its work; '' for the template's name."),
  ticket: line(200).default(''),
  ttl: ttl.default(DEFAULT_TTL_MS).describe('A duration such as 10m or 1h30m.'),
  namespaces: z
    .array(z.string().min(1).max(63))
    .max(100)
    .default([])
    .describe('None: all that the agent is granted, where the template lets that be.'),
  parameters: z
    .record(z.string().max(32), line(253))
    .refine(given => Object.keys(given).length <= 20, 'must be 20 at most')
    .default({}),
  parent: z.string().max(64).nullable().default(null).describe('Id of the lease to narrow.'),
  forAgent: z
    .string()
    .min(1)
    .max(63)
    .nullable()
    .default(null)
    .describe('Another registered agent, to which the lease is handed: with `parent`, where the policy lets it be.'),
  onBehalfOf: z
    .string()
    .min(1)
    .max(16_384)
    .nullable()
    .default(null)
    .describe('A token by which a person says that the agent acts for them.'),
})
export type LeaseRequest = z.infer<typeof LEASE_REQUEST>

const words = (max: number) => z.array(z.string().min(1).max(253).regex(ONE_LINE)).max(max).default([])

/** Of each list that names something only that is left. */
export const LEASE_NARROWING = z
  .strictObject({
    verbs: words(20),
    resources: words(50),
    names: words(50),
    namespaces: words(100),
    ttl: ttl.nullable().default(null),
    budgets: z.partialRecord(z.enum(BUDGETS), z.int().nonnegative()).default({}),
    reason: line(500).default(''),
  })
  .refine(
    ({ verbs, resources, names, namespaces, ttl, budgets }) =>
      [verbs, resources, names, namespaces, Object.keys(budgets)].some(list => list.length > 0) || ttl !== null,
    'say what is to be left of it',
  )

export const REVOCATION = z.strictObject({ reason: line(500).default('') })

export const SESSION_END = z.strictObject({ reason: line(500).min(1, 'must say why') })

/** Days too: `2d`. */
const holdTime = z.string().transform((text, context) => {
  const ms = parseHoldTime(text)
  if (ms === null) {
    context.addIssue({ code: 'custom', message: 'must be a duration such as 30m, 2h or 7d, 30 days at most' })
  }
  return ms ?? 0
})

export const HOLD = z.strictObject({
  agent: z.string().min(1).max(63),
  reason: line(500).min(1, 'must say why'),
  for: holdTime
    .nullable()
    .default(24 * 3_600_000)
    .describe('A duration such as 2h or 7d; null: until somebody releases the agent.'),
})

export const STOPPING = z
  .strictObject({
    act: z.enum(STOP_ACTS),
    subject: z.strictObject({
      kind: z.enum(SUBJECT_KINDS).describe("`lease` is for freezing one: its end is that lease's own affair."),
      name: line(256).default('').describe("'' of `all`, and of nothing else."),
    }),
    reason: line(500).min(1, 'must say why'),
    gone: z
      .boolean()
      .default(false)
      .describe('The name need not be in the policy file: leases outlive what was taken out of it.'),
  })
  .refine(({ subject }) => (subject.kind === 'all') === (subject.name === ''), {
    path: ['subject', 'name'],
    message: 'must name one, and none of all',
  })
  .refine(({ subject }) => subject.kind !== 'lease' || isLeaseId(subject.name), {
    path: ['subject', 'name'],
    message: 'must be the id of a lease',
  })
  .refine(({ act, subject }) => subject.kind !== 'lease' || act === 'freeze' || act === 'thaw', {
    path: ['act'],
    message: 'must be freeze or thaw of one lease',
  })

/** With `hold` its agent is held for so long as well, and the reason is wanted. */
export const LEASE_END = REVOCATION.extend({
  hold: holdTime.nullable().default(null).describe('A duration to hold its agent for as well.'),
}).refine(({ reason, hold }) => hold === null || reason !== '', {
  path: ['reason'],
  message: 'must say why the agent is held',
})

const digest = z
  .string()
  .regex(/^[0-9a-f]{1,128}$/, 'must be the digest that the approval shows')
  .describe('Of the question that was seen: nobody says yes to what they did not look at.')
/** Nobody needs more than some sentences. */
const reason = z.string().trim().max(500).default('').describe('For the agent to read.')
const plan = z
  .int()
  .nonnegative()
  .nullable()
  .default(null)
  .describe('`madeAt` of the plan that was looked at; null where there was none.')
const forLease = z.boolean().default(false).describe('For the verb on the object, until the lease ends.')
export const ANSWER = z.strictObject({ digest, reason, plan, forLease })
export const WITHDRAWAL = z.strictObject({ reason: line(500).default('').describe('For people, and for the record.') })
export const REJECTION = z.strictObject({ digest: digest.nullable().default(null), reason, plan })

export const NOTHING = z.strictObject({})

/** The JSON body, checked. An absent one counts as `{}`. */
export async function readBody<T>(context: Context, schema: z.ZodType<T>, most = MAX_BODY): Promise<T> {
  const text = await readText(context.req.raw, most)
  const type = context.req.header('content-type') ?? ''
  if (text !== '' && !/^application\/json *(;|$)/i.test(type)) {
    throw new StatusError(415, 'the body must be application/json')
  }
  return checked(schema, parseJson(text === '' ? '{}' : text))
}

export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new StatusError(400, parsed.error.issues.map(describe).join('; '))
}

/** Counts while it reads: a length that was announced may be missing or a lie. */
export async function readText(request: Request, most = MAX_BODY): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > most) throw new StatusError(413, `the body is larger than ${most} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new StatusError(400, 'the body is not JSON')
  }
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
