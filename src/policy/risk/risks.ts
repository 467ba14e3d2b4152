import type { Terms } from '../../lease/lease.ts'
import { TIERS } from '../../lease/questions/risk-rule.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { matchesPattern } from '../matches-pattern.ts'
import { underRules } from '../risk-rules/under-rules.ts'
import { AROUND } from './around.ts'
import { ASKING } from './asking.ts'
import { byResource, hasVerb, matching } from './by-resource.ts'
import { CLUSTER_WRITE, CONTROL_PLANE } from './control-plane.ts'
import type { Asked, RiskEntry } from './entry.ts'
import { NOTED } from './noted.ts'

/** Everything that the policy knows to be risky, by id. */
export const RISKS: readonly RiskEntry[] = [...AROUND, ...ASKING, ...CONTROL_PLANE, CLUSTER_WRITE, ...NOTED]

const URLS = RISKS.filter(entry => entry.resources.some(resource => resource.startsWith('/')))
const BY_RESOURCE = byResource(RISKS)

/** The risks of a request, worst first: by the catalogue, and by the rules of the lease and of today's policy. */
export function risksOf(asked: Asked): readonly RiskEntry[] {
  const known = inCatalogue(asked)
  const found = known.every(isGeneral) && writesCluster(asked.request) ? [CLUSTER_WRITE, ...known] : known
  return underRules(found, asked)
    .map(entry => raised(entry, asked))
    .sort((a, b) => TIERS.indexOf(b.tier) - TIERS.indexOf(a.tier))
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

function inCatalogue(asked: Asked): readonly RiskEntry[] {
  if (asked.request.info.isResourceRequest) return matching(BY_RESOURCE, asked)
  const { path } = asked.request
  const named = URLS.filter(entry => entry.resources.some(url => matchesPattern(path, url)))
  return named.filter(entry => hasVerb(entry, asked) && entry.where(asked))
}

/** Everything weighs more in kube-system. */
function raised(entry: RiskEntry, { request }: Asked): RiskEntry {
  if (request.info.namespace !== 'kube-system') return entry
  return { ...entry, tier: TIERS[TIERS.indexOf(entry.tier) + 1] ?? 'critical' }
}
