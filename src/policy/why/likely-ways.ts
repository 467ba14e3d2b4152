import type { Lease } from '../../lease/lease.ts'
import { judge } from '../judge/judge.ts'
import type { Policy } from '../policy.ts'
import { compareBreadth, type Opened } from '../template/breadth.ts'
import { nextRequests } from '../template/commands/next-requests.ts'
import { issueScope } from '../template/issue-scope.ts'
import { findGrant } from '../template/may-request.ts'
import { termsOf } from '../template/terms-of.ts'
import { type Asking, type WayIn, waysIn } from '../template/ways-in.ts'
import type { Readings } from './likely-readings.ts'

/** A lease under which a recorded request would pass. */
export interface LikelyWay {
  readonly way: WayIn
  /** False where that depends on what was sent, which is not on record. */
  readonly isSure: boolean
}

interface Refused {
  readonly readings: Readings
  /** As its client said: `kubectl scale`. */
  readonly command: string
  readonly lease: Lease
  readonly above: readonly (Lease | null)[]
  readonly policy: Policy
}

/** The same ways as the boundary names in refusing it, by the policy as it stands, the surest first and then the one that opens least. */
export function likelyWays(refused: Refused): readonly LikelyWay[] {
  const { readings, command, lease, above, policy } = refused
  const [request] = readings.requests
  const next = nextRequests(command, request)
  // With fields of rules left out: which of them a patch changes is not on record.
  const lax = readings.isUnknownPatch ? withoutFields(policy) : policy
  const ways = waysIn({ request, lease, above, policy: lax, next })
    .map(way => ({ way, isSure: isSure(way, refused) }))
    .filter(({ way, isSure }) => isSure || !isOwn(way, lease))
  return ways.toSorted(
    (one, other) => Number(other.isSure) - Number(one.isSure) || byBreadth(one.way, other.way, refused),
  )
}

function withoutFields(policy: Policy): Policy {
  const templates = policy.templates.map(template => ({
    ...template,
    rules: template.rules.map(rule => ({ ...rule, fields: [] })),
  }))
  return { ...policy, templates }
}

/** It was refused under just such a lease. */
function isOwn(way: WayIn, { template, namespaces }: Lease): boolean {
  return way.kind === 'ask' && way.template === template && way.namespaces.every(one => namespaces.includes(one))
}

function isSure(way: WayIn, { readings, lease, above, policy }: Refused): boolean {
  const [other, over] =
    way.kind === 'held'
      ? [
          above.find(one => one?.id === way.lease) ?? null,
          above.slice(
            0,
            above.findIndex(one => one?.id === way.lease),
          ),
        ]
      : [wished(way, lease, policy), []]
  if (other === null) return false
  return readings.requests.every(request => judge({ request, lease: other, above: over, policy }).kind !== 'deny')
}

/** The lease that would be given. */
function wished(way: Asking, lease: Lease, policy: Policy): Lease | null {
  const opened = openedBy(way, lease.agent, policy)
  if (opened === null) return null
  const { template, scope, namespaces } = opened
  const parameters = way.parameters ?? {}
  const { delegated: _, ...own } = lease
  return { ...own, template: template.name, scope, parameters, namespaces, terms: termsOf(template), ancestors: [] }
}

function openedBy(
  way: Asking,
  agent: string,
  policy: Policy,
): (Opened & { readonly namespaces: readonly string[] }) | null {
  const found = findGrant(policy, agent, way.template)
  if (found === null) return null
  const { template, grant } = found
  const namespaces = way.namespaces.length === 0 ? grant.namespaces : way.namespaces
  const [only = ''] = namespaces.length === 1 ? namespaces : []
  const parameters = { ...way.parameters, namespace: only }
  return { template, namespaces, scope: issueScope(template, namespaces, parameters) }
}

function byBreadth(one: WayIn, other: WayIn, { lease, policy, readings }: Refused): number {
  // Without fields taken away they come in that order already.
  if (!readings.isUnknownPatch || one.kind !== 'ask' || other.kind !== 'ask') return 0
  const [a, b] = [openedBy(one, lease.agent, policy), openedBy(other, lease.agent, policy)]
  return a === null || b === null ? 0 : compareBreadth(a, b)
}
