import { readFile } from 'node:fs/promises'
import { PLAN_USER } from '../../src/policy/rbac/identity.ts'

/** What the API server's own audit log says of one request. */
export interface Audited {
  readonly auditId: string
  readonly user: string
  readonly impersonated: string
  readonly groups: readonly string[]
  readonly lease: string
  /** As it is written there: percent-encoded beyond ASCII. */
  readonly sponsor: string
  readonly verb: string
  /** `namespace/resource/subresource/name` as far as there is any, or the path. */
  readonly object: string
  readonly status: number
}

interface Event {
  readonly auditID: string
  readonly verb: string
  readonly requestURI: string
  readonly user?: { readonly username?: string }
  readonly impersonatedUser?: {
    readonly username?: string
    readonly groups?: readonly string[]
    readonly extra?: Readonly<Record<string, readonly string[]>>
  }
  readonly objectRef?: Readonly<Record<'namespace' | 'resource' | 'subresource' | 'name', string | undefined>>
  readonly responseStatus?: { readonly code?: number }
}

/** One entry a request, in the order they began, but those of plans; a last line that is still being written is left out. */
export async function readAuditLog(file: string): Promise<readonly Audited[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.split('\n').slice(0, -1)
  const byId = new Map<string, Audited>()
  for (const line of lines) {
    const event = JSON.parse(line) as Event
    if (isPlan(event)) continue
    const audited = toAudited(event)
    byId.set(audited.auditId, audited)
  }
  return [...byId.values()]
}

/** What changes nothing under the name that looks and tries for approvers was sent by no lease. */
function isPlan({ verb, requestURI, impersonatedUser }: Event): boolean {
  const changesNothing = verb === 'get' || verb === 'list' || /[?&]dryRun=All(&|$)/.test(requestURI)
  return changesNothing && (impersonatedUser?.username ?? '').startsWith(PLAN_USER)
}

function toAudited(event: Event): Audited {
  const { impersonatedUser: as, objectRef: of } = event
  const parts = [of?.namespace, of?.resource, of?.subresource, of?.name].filter(part => part !== undefined)
  return {
    auditId: event.auditID,
    user: event.user?.username ?? '',
    impersonated: as?.username ?? '',
    groups: as?.groups ?? [],
    lease: as?.extra?.['leasegate.dev/lease']?.[0] ?? '',
    sponsor: as?.extra?.['leasegate.dev/sponsor']?.[0] ?? '',
    verb: event.verb,
    object: parts.length === 0 ? event.requestURI : parts.join('/'),
    status: event.responseStatus?.code ?? 0,
  }
}
