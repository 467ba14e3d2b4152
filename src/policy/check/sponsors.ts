import type { Agent, Policy, TaskTemplate } from '../policy.ts'
import { RISKS } from '../risk/risks.ts'
import { reaches, type Warning } from './warning.ts'

/** Whether everybody who must not answer can be told: an approver is never the sponsor, as far as somebody knows who that is. */
export function sponsorWarnings({ agents, people, templates }: Policy): readonly Warning[] {
  const messages = agents.flatMap(agent => {
    const asking = templates.find(template => isGranted(template, agent) && asks(template))
    if (asking === undefined) return []
    const { sponsor } = agent
    if (sponsor.kind === 'fixed' && sponsor.name === '') {
      return `agent "${agent.name}" has no sponsor, so nobody is kept from approving what they let it ask for (${asking.name})`
    }
    if (sponsor.kind === 'fixed') return []
    return people
      .filter(({ roles }) => roles.includes('approver'))
      .filter(({ match, alsoKnownAs }) => match.issuer !== agent.match.issuer && alsoKnownAs.length === 0)
      .map(
        ({ name, match }) =>
          `"${name}" of issuer ${match.issuer} cannot answer for agent "${agent.name}", whose sponsors issuer ` +
          `${agent.match.issuer} names by "${sponsor.claim}": say under alsoKnownAs what this person is called there`,
      )
  })
  return messages.map(message => ({ template: null, rule: null, message }))
}

function isGranted({ grants }: TaskTemplate, { name }: Agent): boolean {
  return grants.some(({ agent }) => agent === name)
}

/** Whether a request under this template can want a yes, wherever it goes. */
function asks({ rules, approval }: TaskTemplate): boolean {
  const asking = RISKS.filter(({ id, disposition }) =>
    disposition === 'approval'
      ? !approval.skip.includes(id)
      : approval.require.includes(id) || approval.risks?.[id] !== undefined,
  )
  return asking.some(({ verbs, apiGroups, resources }) =>
    rules.some(rule =>
      (verbs.includes('*') ? rule.verbs : verbs).some(verb =>
        apiGroups.some(group => resources.some(resource => reaches(rule, verb, { group, resource }))),
      ),
    ),
  )
}
