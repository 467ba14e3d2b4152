import type { TaskTemplate, TemplateRule } from '../policy.ts'
import { withoutPlaces } from '../template/parameters.ts'
import type { PolicyRule } from './objects.ts'

const RESOURCE_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const PATH_VERBS = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete']
const STREAMS = ['exec', 'attach', 'portforward']

/** Verbs that no request has but that widen what a request may do; granted only when the template names the danger. */
const WIDENING: ReadonlyMap<string, string> = new Map([
  ['bind', 'rbac-bind'],
  ['escalate', 'rbac-escalate'],
  ['impersonate', 'impersonate'],
  ['approve', 'csr-sign'],
  ['sign', 'csr-sign'],
  ['attest', 'csr-sign'],
])

/** The template's rules as Kubernetes needs them, of one scope. Commands have no counterpart there. */
export function toPolicyRules(template: TaskTemplate, scope: TemplateRule['scope']): readonly PolicyRule[] {
  return withoutPlaces(template)
    .filter(rule => rule.scope === scope)
    .flatMap(rule => [toPolicyRule(rule, template), ...createRules(rule), ...streamRules(rule)])
    .filter(rule => rule.verbs.length > 0)
}

/** `*` would also grant verbs such as escalate and impersonate: it is written out. */
function toPolicyRule(rule: TemplateRule, template: TaskTemplate): PolicyRule {
  const every = rule.nonResourceURLs.length > 0 ? PATH_VERBS : RESOURCE_VERBS
  const named = rule.verbs.flatMap(verb => (verb === '*' ? every : [verb]))
  const verbs = [...new Set(named)].filter(verb => {
    const danger = WIDENING.get(verb)
    return danger === undefined || template.dangerous.includes(danger)
  })
  if (rule.nonResourceURLs.length > 0) return { verbs, nonResourceURLs: rule.nonResourceURLs }
  return { verbs, apiGroups: rule.apiGroups, resources: rule.resources, ...namesOf(rule) }
}

/** Kubernetes cannot tell the name of what is created; a lease can, and compares it. */
function createRules({ verbs, apiGroups, resources, resourceNames }: TemplateRule): readonly PolicyRule[] {
  const collections = resources.filter(resource => !resource.includes('/'))
  if (resourceNames.length === 0 || !has(verbs, 'create') || collections.length === 0) return []
  return [{ verbs: ['create'], apiGroups, resources: collections }]
}

/** A lease grants exec by create alone; Kubernetes wants get as well when it comes as a WebSocket, and create in both cases. */
function streamRules(rule: TemplateRule): readonly PolicyRule[] {
  const { verbs } = rule
  if (!has(rule.apiGroups, '') || !has(verbs, 'create') || has(verbs, 'get')) return []
  const streams = STREAMS.filter(stream =>
    ['*', `*/${stream}`, `pods/${stream}`].some(resource => rule.resources.includes(resource)),
  )
  if (streams.length === 0) return []
  return [{ verbs: ['get'], apiGroups: [''], resources: streams.map(stream => `pods/${stream}`), ...namesOf(rule) }]
}

function namesOf({ resourceNames }: TemplateRule): Pick<PolicyRule, 'resourceNames'> {
  return resourceNames.length === 0 ? {} : { resourceNames }
}

function has(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value)
}
