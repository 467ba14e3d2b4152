import { z } from 'zod'
import { EXTRA_KEYS } from '../../policy/rbac/identity.ts'

/** What an API server's audit log says of one request (audit.k8s.io/v1, Event), as far as it is compared. */
export interface AuditEvent {
  readonly auditId: string
  readonly stage: string
  /** When the API server received the request, epoch milliseconds. */
  readonly receivedAt: number
  readonly verb: string
  /** Without the query. */
  readonly path: string
  /** Whether nothing of it was stored. */
  readonly dryRun: boolean
  /** Who was authenticated. */
  readonly user: string
  readonly groups: readonly string[]
  /** Whom that user acted as; null when as itself. */
  readonly as: { readonly user: string; readonly groups: readonly string[]; readonly lease: string } | null
  /** Null for a URL such as /version. */
  readonly object: AuditedObject | null
  /** HTTP status, 0 when none was sent yet. */
  readonly status: number
  readonly userAgent: string
  readonly source: string
}

export interface AuditedObject {
  readonly apiGroup: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

const text = z.string().default('')
const texts = z.array(z.string()).default([])

const event = z.object({
  auditID: z.string(),
  stage: z.string(),
  verb: text,
  requestURI: text,
  requestReceivedTimestamp: z.string(),
  user: z.object({ username: text, groups: texts }).default({ username: '', groups: [] }),
  impersonatedUser: z
    .object({ username: text, groups: texts, extra: z.record(z.string(), z.array(z.string())).default({}) })
    .nullish(),
  objectRef: z.object({ apiGroup: text, resource: text, subresource: text, namespace: text, name: text }).nullish(),
  responseStatus: z.object({ code: z.number().default(0) }).nullish(),
  userAgent: text,
  sourceIPs: texts,
})

const eventList = z.object({ items: z.array(z.unknown()) })

/** Null for what is no event. */
export function parseAuditEvent(value: unknown): AuditEvent | null {
  const parsed = event.safeParse(value)
  if (!parsed.success) return null
  const { data } = parsed
  const receivedAt = Date.parse(data.requestReceivedTimestamp)
  if (Number.isNaN(receivedAt)) return null
  const { impersonatedUser: as, objectRef } = data
  return {
    auditId: data.auditID,
    stage: data.stage,
    receivedAt,
    verb: data.verb,
    path: data.requestURI.split('?', 1)[0] ?? '',
    dryRun: /[?&]dryRun=All(&|$)/.test(data.requestURI),
    user: data.user.username,
    groups: data.user.groups,
    as: as == null ? null : { user: as.username, groups: as.groups, lease: as.extra[EXTRA_KEYS.lease]?.[0] ?? '' },
    object: objectRef == null || objectRef.resource === '' ? null : objectRef,
    status: data.responseStatus?.code ?? 0,
    userAgent: data.userAgent,
    source: data.sourceIPs.at(-1) ?? '',
  }
}

/** A line of an audit log file; null for what is no event. */
export function parseAuditLine(line: string): AuditEvent | null {
  return parseAuditEvent(parseJson(line))
}

/** The body of an audit webhook: an EventList. Null when it is none; `bad` counts items that are no events. */
export function parseEventList(body: string): { readonly events: readonly AuditEvent[]; readonly bad: number } | null {
  const list = eventList.safeParse(parseJson(body))
  if (!list.success) return null
  const events = list.data.items.map(parseAuditEvent)
  const good = events.filter(one => one !== null)
  return { events: good, bad: events.length - good.length }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
