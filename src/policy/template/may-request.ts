import { formatDuration } from '../file/values/duration.ts'
import type { Grant, Policy, TaskTemplate } from '../policy.ts'
import { templateOf } from './template-of.ts'

const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** How long a lease lives when nobody says it. */
export const DEFAULT_TTL_MS = 600_000

const EVERY_ONE =
  "name the namespaces that the task needs; every one is granted: --namespace NAME, or --namespace '*' for all of them"

export function isNamespace(text: string): boolean {
  return NAMESPACE.test(text)
}

export interface LeaseWish {
  readonly template: string
  /** Empty: all that the agent is granted. */
  readonly namespaces: readonly string[]
  readonly ttlMs: number
}

export type MayRequest =
  | { readonly kind: 'ok'; readonly template: TaskTemplate; readonly namespaces: readonly string[] }
  /** `message` is for the agent: what is wrong, and what it may ask for. */
  | { readonly kind: 'problem'; readonly reason: 'template' | 'namespaces' | 'ttl'; readonly message: string }

/** Whether the policy lets the agent have such a lease. How many it holds already is the store's to say. */
export function mayRequest(policy: Policy, agent: string, wish: LeaseWish): MayRequest {
  const found = findGrant(policy, agent, wish.template)
  if (found === null) return noTemplate(policy, agent, wish.template)
  const { template, grant } = found
  const asked = grantedNamespaces(template, grant, wish.namespaces)
  if (typeof asked === 'string') return { kind: 'problem', reason: 'namespaces', message: asked }
  const ttl = ttlProblem(template, wish.ttlMs)
  if (ttl !== null) return { kind: 'problem', reason: 'ttl', message: ttl }
  return { kind: 'ok', template, namespaces: asked }
}

/** The template and the agent's grant under it, or null. */
export function findGrant(
  policy: Policy,
  agent: string,
  name: string,
): { readonly template: TaskTemplate; readonly grant: Grant } | null {
  const template = templateOf(policy, name)
  const grant = template?.grants.find(one => one.agent === agent)
  return template === undefined || grant === undefined ? null : { template, grant }
}

/** Says the same whether the template does not exist or belongs to others: an agent has no business with others' tasks. */
function noTemplate(policy: Policy, agent: string, name: string): MayRequest {
  const granted = policy.templates.filter(one => one.grants.some(grant => grant.agent === agent)).map(one => one.name)
  const may = granted.length === 0 ? 'no template is granted to it' : `it may use: ${granted.join(', ')}`
  return { kind: 'problem', reason: 'template', message: `agent "${agent}" has no template "${name}"; ${may}` }
}

/** Whether whoever asks for a lease of this template must name namespaces, may, or must not. */
export function namespacesOf({ rules }: TaskTemplate, { namespaces }: Grant): 'must' | 'may' | 'none' {
  if (!rules.some(rule => rule.scope === 'namespaces')) return 'none'
  return namespaces.includes('*') ? 'must' : 'may'
}

function grantedNamespaces(template: TaskTemplate, grant: Grant, asked: readonly string[]): readonly string[] | string {
  const ask = namespacesOf(template, grant)
  if (ask === 'none') {
    return asked.length === 0
      ? []
      : `template "${template.name}" has no rules for namespaces; ask without any: leave out --namespace`
  }
  const all = ask === 'must'
  if (asked.length === 0) return all ? EVERY_ONE : grant.namespaces
  const odd = asked.find(one => one !== '*' && !isNamespace(one))
  if (odd !== undefined) return 'a namespace is lower case letters, digits and dashes, 63 at most'
  const refused = asked.filter(one => !all && !grant.namespaces.includes(one))
  if (refused.length === 0) return [...new Set(asked)]
  const names = refused.map(one => `"${one}"`).join(', ')
  const granted = grant.namespaces.length === 0 ? 'no namespaces' : grant.namespaces.join(', ')
  return `template "${template.name}" does not grant ${names}; it grants agent "${grant.agent}": ${granted}`
}

function ttlProblem(template: TaskTemplate, ttlMs: number): string | null {
  if (!Number.isSafeInteger(ttlMs) || ttlMs <= 0) return 'the time to live must be a positive duration, such as 10m'
  if (ttlMs <= template.maxTtlMs) return null
  const most = formatDuration(template.maxTtlMs)
  return `template "${template.name}" allows at most ${most}, ${formatDuration(ttlMs)} was asked for`
}
