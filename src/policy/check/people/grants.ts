import type { Policy, TaskTemplate } from '../../policy.ts'
import { aboutTemplate, agentsWith, type Warning } from '../warning.ts'

const DAY_MS = 86_400_000

/** Who may have a lease of the template, where, and for how long. */
export function grantWarnings(template: TaskTemplate): readonly Warning[] {
  const namespaced = template.rules.some(rule => rule.scope === 'namespaces')
  const messages = [
    template.grants.length === 0 ? 'no agent is granted it' : null,
    template.maxTtlMs > DAY_MS ? 'a lease may last for more than a day, which is nearly a standing right' : null,
    ...template.grants.map(({ agent, namespaces }) => {
      if (namespaced && namespaces.length === 0)
        return `agent "${agent}" is granted no namespace, so most rules are void`
      if (!namespaced && namespaces.length > 0)
        return `namespaces of agent "${agent}" mean nothing: all rules are for the cluster`
      return null
    }),
  ]
  return messages.flatMap(message => (message === null ? [] : [aboutTemplate(template, message)]))
}

export function peopleWarnings({ agents, people, templates, boundaryNamespace }: Policy): readonly Warning[] {
  const granted = new Set(templates.flatMap(agentsWith))
  const messages = [
    ...agents.filter(({ name }) => !granted.has(name)).map(({ name }) => `agent "${name}" is granted no template`),
    people.some(({ roles }) => roles.includes('approver'))
      ? null
      : 'nobody can approve: no person has the role approver',
    people.some(({ roles }) => roles.includes('admin'))
      ? null
      : 'no person has the role admin: only agents can end their leases',
    boundaryNamespace === '' ? null : namespaceGranted(templates, boundaryNamespace),
  ]
  return messages.flatMap(message => (message === null ? [] : [{ template: null, rule: null, message }]))
}

function namespaceGranted(templates: readonly TaskTemplate[], namespace: string): string | null {
  const granting = templates.filter(({ grants }) => grants.some(grant => grant.namespaces.includes(namespace)))
  if (granting.length === 0) return null
  return `namespace "${namespace}" is the boundary's own; a grant for it opens nothing (${granting.map(({ name }) => name).join(', ')})`
}
