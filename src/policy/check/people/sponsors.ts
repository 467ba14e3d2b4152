import type { Agent, Policy, TaskTemplate } from '../../policy.ts'
import type { RiskEntry } from '../../risk/entry.ts'
import { catalogueOf } from '../../risk-rules/catalogue.ts'
import { stanceOf } from '../../risk-rules/stance.ts'
import { agentsWith, mayAsk, type Warning } from '../warning.ts'

/** Whether everybody who must not answer can be told: an approver is never the sponsor, as far as somebody knows who that is. */
export function sponsorWarnings(policy: Policy): readonly Warning[] {
  const { agents, people, templates } = policy
  const known = catalogueOf(policy)
  const messages = agents.flatMap(agent => {
    const asking = templates.find(template => isGranted(template, agent) && asks(template, known))
    if (asking === undefined) return []
    const { sponsor } = agent
    if (sponsor.kind === 'fixed' && sponsor.name === '') {
      return `agent "${agent.name}" has no sponsor, so nobody is kept from approving what they let it ask for (${asking.name})`
    }
    if (sponsor.kind === 'fixed' || sponsor.person === true) return []
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

function isGranted(template: TaskTemplate, { name }: Agent): boolean {
  return agentsWith(template).includes(name)
}

/** Whether a request under this template can want a yes, wherever it goes. */
function asks(template: TaskTemplate, known: readonly RiskEntry[]): boolean {
  return known.some(risk => typeof stanceOf(risk, template) === 'object' && mayAsk(template, risk))
}
