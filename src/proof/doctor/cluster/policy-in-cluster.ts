import type { Finding } from '../../../findings/report.ts'
import type { ApiResource, Cluster } from '../../../kubernetes/cluster.ts'
import type { Policy, TaskTemplate, TemplateRule } from '../../../policy/policy.ts'
import type { Examination } from '../examined.ts'

/** Whether what the policy speaks of is in this cluster. */
export async function examinePolicy(cluster: Cluster, policy: Policy): Promise<Examination> {
  const [resources, namespaces] = await Promise.all([cluster.resources(), cluster.namespaces()])
  return {
    tried: [
      `${policy.templates.length} templates against ${resources.length} resources and ${namespaces.length} namespaces`,
    ],
    seen: [],
    findings: policy.templates.flatMap(template => [
      ...template.rules.flatMap((rule, index) => judgeRule(template, rule, index, resources)),
      ...missingNamespaces(template, namespaces),
    ]),
  }
}

function judgeRule(
  { name }: TaskTemplate,
  rule: TemplateRule,
  index: number,
  resources: readonly ApiResource[],
): readonly Finding[] {
  const place = `rule ${index + 1} of template ${name}`
  const named = rule.resources.filter(isExact).map(resource => ({
    resource,
    found: resources.filter(each => each.name === resource && groupFits(rule, each.group)),
  }))
  const problems = named.flatMap(({ resource, found }) =>
    found.length === 0 ? [unknownResource(place, resource, rule, resources)] : wrongScope(place, resource, rule, found),
  )
  return [
    ...problems,
    ...idleVerbs(
      place,
      rule,
      named.flatMap(({ found }) => found),
    ),
  ]
}

/** A rule may name pods and pods/log together: a verb does nothing when none of them offers it. */
function idleVerbs(
  place: string,
  { verbs, resources }: TemplateRule,
  found: readonly ApiResource[],
): readonly Finding[] {
  if (found.length === 0 || resources.some(resource => !isExact(resource) || isStream(resource))) return []
  const offered = new Set(found.flatMap(each => each.verbs))
  const idle = verbs.filter(verb => isPlain(verb) && !offered.has(verb))
  return idle.length === 0 ? [] : [doesNothing(place, resources.join(', '), idle)]
}

function isExact(resource: string): boolean {
  return !resource.includes('*')
}

function groupFits({ apiGroups }: TemplateRule, group: string): boolean {
  return apiGroups.includes('*') || apiGroups.includes(group)
}

const PLAIN = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** Others, such as impersonate, are no verbs of requests, and discovery does not list them. */
function isPlain(verb: string): boolean {
  return PLAIN.includes(verb)
}

/** A lease grants these by create alone, whatever discovery lists. */
function isStream(resource: string): boolean {
  return /^pods\/(exec|attach|portforward)$/.test(resource)
}

function unknownResource(
  place: string,
  resource: string,
  { apiGroups }: TemplateRule,
  all: readonly ApiResource[],
): Finding {
  const elsewhere = [...new Set(all.filter(each => each.name === resource).map(({ group }) => group))]
  const groups = apiGroups.map(group => (group === '' ? 'the core group' : group)).join(' or ')
  const hint = elsewhere.map(group => `"${group}"`).join(' or ')
  return {
    severity: 'error',
    what: `${place} names ${resource} in ${groups}, which this cluster does not have`,
    why: 'The rule grants nothing.',
    mend:
      hint === '' ? 'Mend the name (kubectl api-resources), or install what defines it.' : `Let apiGroups be ${hint}.`,
  }
}

function wrongScope(
  place: string,
  resource: string,
  { scope }: TemplateRule,
  found: readonly ApiResource[],
): readonly Finding[] {
  const inNamespaces = found.some(each => each.namespaced)
  if (scope === 'cluster' || inNamespaces) return []
  return [
    {
      severity: 'warning',
      what: `${place} grants ${resource} in namespaces, and they are in none`,
      why: 'The rule grants nothing.',
      mend: 'Put it into a rule with scope: cluster.',
    },
  ]
}

function doesNothing(place: string, resource: string, verbs: readonly string[]): Finding {
  return {
    severity: 'warning',
    what: `${place} grants ${verbs.join(', ')} on ${resource}, which the API server does not offer`,
    why: 'It grants nothing, and whoever reads the policy believes that it does.',
    mend: `Take ${verbs.join(', ')} out of the rule.`,
  }
}

function missingNamespaces({ name, grants }: TaskTemplate, there: readonly string[]): readonly Finding[] {
  const wanted = new Set(grants.flatMap(grant => grant.namespaces).filter(each => each !== '*'))
  return [...wanted]
    .filter(each => !there.includes(each))
    .map(each => ({
      severity: 'warning',
      what: `template ${name} is granted in ${each}, which this cluster does not have`,
      why: 'A lease for it opens nothing, until somebody makes a namespace of that name.',
      mend: `Take ${each} out of the grants, or: kubectl create namespace ${each}`,
    }))
}
