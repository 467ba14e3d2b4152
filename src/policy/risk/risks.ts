import type { Terms } from '../../lease/lease.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import type { Risk } from '../verdict.ts'
import { AROUND } from './around.ts'
import { ASKING } from './asking.ts'
import { CLUSTER_WRITE, CONTROL_PLANE } from './control-plane.ts'
import type { Asked, RiskEntry } from './entry.ts'
import { NOTED } from './noted.ts'

/** Everything that the policy knows to be risky, by id. */
export const RISKS: readonly RiskEntry[] = [...AROUND, ...ASKING, ...CONTROL_PLANE, CLUSTER_WRITE, ...NOTED]

const TIERS = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Risk['tier'][]
const URLS = RISKS.filter(entry => entry.resources.some(resource => resource.startsWith('/')))
const BY_RESOURCE = byResource(RISKS)

/** The risks of a request, worst first. */
export function risksOf(asked: Asked): readonly RiskEntry[] {
  const known = candidates(asked).filter(entry => hasVerb(entry, asked) && entry.where(asked))
  const found = known.every(isGeneral) && writesCluster(asked.request) ? [CLUSTER_WRITE, ...known] : known
  return found.map(entry => raised(entry, asked)).sort((a, b) => TIERS.indexOf(b.tier) - TIERS.indexOf(a.tier))
}

/** The worst danger that is not named, or null. */
export function unnamedDanger(risks: readonly RiskEntry[], { dangerous }: Pick<Terms, 'dangerous'>): RiskEntry | null {
  return risks.find(risk => risk.disposition === 'dangerous' && !dangerous.includes(risk.id)) ?? null
}

/** Says nothing of a certain kind. */
function isGeneral({ apiGroups, resources }: RiskEntry): boolean {
  return apiGroups.includes('*') && resources.every(resource => resource.startsWith('*'))
}

/** Reviews are questions that are asked by a create. */
function writesCluster({ info, inNamespace }: ApiRequest): boolean {
  if (!info.isResourceRequest || inNamespace || !CLUSTER_WRITE.verbs.includes(info.verb)) return false
  return info.apiGroup !== 'authorization.k8s.io' && info.apiGroup !== 'authentication.k8s.io'
}

function candidates({ request }: Asked): readonly RiskEntry[] {
  const { info } = request
  if (!info.isResourceRequest) return URLS.filter(entry => entry.resources.some(url => matchesUrl(url, request.path)))
  const { resource, subresource } = info
  const keys = subresource === '' ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*']
  return keys.flatMap(key => BY_RESOURCE.get(key) ?? []).filter(entry => hasGroup(entry, info.apiGroup))
}

function matchesUrl(url: string, path: string): boolean {
  return url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path
}

function hasGroup(entry: RiskEntry, group: string): boolean {
  return entry.apiGroups.includes('*') || entry.apiGroups.includes(group)
}

function hasVerb({ verbs }: RiskEntry, { request }: Asked): boolean {
  if (verbs.includes('*') || verbs.includes(request.info.verb)) return true
  return request.verbs.some(verb => verbs.includes(verb))
}

/** Everything weighs more in kube-system. */
function raised(entry: RiskEntry, { request }: Asked): RiskEntry {
  if (request.info.namespace !== 'kube-system') return entry
  return { ...entry, tier: TIERS[TIERS.indexOf(entry.tier) + 1] ?? 'critical' }
}

function byResource(entries: readonly RiskEntry[]): ReadonlyMap<string, readonly RiskEntry[]> {
  const map = new Map<string, RiskEntry[]>()
  for (const entry of entries) {
    for (const resource of entry.resources) map.set(resource, [...(map.get(resource) ?? []), entry])
  }
  return map
}
