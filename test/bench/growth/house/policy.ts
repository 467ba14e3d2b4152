import { POLICY } from '../../decisions/check/world.ts'

export interface Size {
  /** Rules of the lease; the last one is the one that covers what is asked. */
  readonly rules: number
  /** The lease is of the last one. */
  readonly templates: number
  /** Agents of the policy, each granted that template. */
  readonly agents: number
}

/** The policy of the other benchmarks, with so many of everything. */
export function policyOf({ rules = 1, templates = 1, agents = 1 }: Partial<Size>): string {
  const [head = '', template = ''] = POLICY.split('templates:')
  const names = times(agents - 1, agentName)
  const known = names.map(name => `{name: ${name}, issuer: i, claims: {sub: ${name}}}, `)
  const granted = names.map(name => `{agent: ${name}, namespaces: [shop]}, `)
  const ruled = template
    .replace('grants: [', `grants: [${granted.join('')}`)
    .replace('rules: [', `rules: [${times(rules - 1, aRule).join('')}`)
  const others = times(templates - 1, at => template.replace('name: task', `name: task-${at}`))
  return [head.replace('agents: [', `agents: [${known.join('')}`), 'templates:', ...others, ruled].join('')
}

export function agentName(at: number): string {
  return `bot-${at}`
}

/** Half of them are about other resources, half about other objects of the same one. */
function aRule(at: number): string {
  return at % 2 === 0
    ? `{verbs: [get, list, patch], apiGroups: [group-${at}.example.org], resources: [things-${at}]}, `
    : `{verbs: [get, list, patch], apiGroups: [''], resources: [pods], resourceNames: [db-${at}]}, `
}

function times(count: number, make: (at: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, at) => make(at))
}
