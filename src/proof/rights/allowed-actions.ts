import type { AccessSubject, Action, ApiResource, Cluster } from '../../kubernetes/cluster.ts'

/** Asked at once. */
const ABREAST = 16

/** Verbs that no resource lists, and that widen what somebody may do. */
const WIDENING: readonly Action[] = [
  ...['users', 'groups', 'serviceaccounts'].map(resource => action('impersonate', '', resource)),
  action('impersonate:user-info', 'authentication.k8s.io', 'users'),
  action('bind', 'rbac.authorization.k8s.io', 'clusterroles'),
  action('escalate', 'rbac.authorization.k8s.io', 'clusterroles'),
  action('approve', 'certificates.k8s.io', 'signers'),
  action('sign', 'certificates.k8s.io', 'signers'),
  ...['/metrics', '/logs/', '/debug/pprof/', '/configz'].map(path => ({ kind: 'url', verb: 'get', path }) as const),
]

/** Everybody has these: they tell who one is and what one may do. */
const EVERYBODYS = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews']

/** Every verb of every resource, for all namespaces at once and in those that are named, and what widens rights. */
export async function everyAction(cluster: Cluster, namespaces: readonly string[]): Promise<readonly Action[]> {
  return toActions(await cluster.resources(), namespaces)
}

/** Those that the subject may do, each asked by SubjectAccessReview. */
export async function allowedActions(
  cluster: Cluster,
  subject: AccessSubject,
  actions: readonly Action[],
): Promise<readonly Action[]> {
  return filterAbreast(actions, action => cluster.may(subject, action))
}

function toActions(resources: readonly ApiResource[], namespaces: readonly string[]): readonly Action[] {
  const wanted = resources.filter(({ name }) => !EVERYBODYS.includes(name))
  return [
    ...WIDENING,
    ...wanted.flatMap(resource => ofResource(resource, '')),
    ...namespaces.flatMap(namespace =>
      wanted.filter(({ namespaced }) => namespaced).flatMap(resource => ofResource(resource, namespace)),
    ),
  ]
}

function ofResource({ group, name, verbs }: ApiResource, namespace: string): readonly Action[] {
  return verbs.map(verb => action(verb, group, name, namespace))
}

function action(verb: string, group: string, resource: string, namespace = ''): Action {
  return { kind: 'resource', verb, group, resource, namespace }
}

async function filterAbreast<T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const queue = items.entries()
  const kept: [number, T][] = []
  const work = async () => {
    for (const [index, item] of queue) if (await keep(item)) kept.push([index, item])
  }
  await Promise.all(Array.from({ length: ABREAST }, work))
  return kept.sort(([a], [b]) => a - b).map(([, item]) => item)
}

const SHOWN = 8

/** `get, list pods in shop; create pods/exec in shop; …`. */
export function summary(allowed: readonly Action[]): string {
  const verbs = new Map<string, string[]>()
  for (const each of allowed) {
    const what = target(each)
    verbs.set(what, [...(verbs.get(what) ?? []), each.verb])
  }
  const lines = [...verbs].map(([what, list]) => `${list.join(', ')} ${what}`)
  const more = lines.length > SHOWN ? ` and ${lines.length - SHOWN} more` : ''
  return `${lines.slice(0, SHOWN).join('; ')}${more}`
}

function target(each: Action): string {
  if (each.kind === 'url') return each.path
  const named = each.group === '' ? each.resource : `${each.resource} (${each.group})`
  return each.namespace === '' ? named : `${named} in ${each.namespace}`
}
