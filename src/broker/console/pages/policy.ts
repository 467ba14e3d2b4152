import { html } from 'hono/html'
import { describeQuorum } from '../../../approval/people/groups.ts'
import { describeHours } from '../../../policy/conditions/hours.ts'
import { formatDuration } from '../../../policy/file/values/duration.ts'
import type { Policy, TaskTemplate } from '../../../policy/policy.ts'
import { ruleList } from '../words/rules.ts'
import { code, fact, type Html, said } from '../words/text.ts'
import { groupWords, riskSection, tierWords } from './policy-risks.ts'

/** The policy that is in force, in words. */
export function policyPage(policy: Policy): Html {
  const { revision, templates, people, agents, productionNamespaces, groups = [], riskRules = [], notify } = policy
  return html`<h1>Policy <small>revision ${code(revision.slice(0, 12))}</small></h1>
    <dl class="facts">
      ${fact('Production', productionNamespaces.length === 0 ? 'no namespace' : code(productionNamespaces.join(', ')))}
      ${fact('Agents', said(agents.map(({ name }) => name).join(', ') || 'none'))}
      ${fact('People', html`${people.map(({ name, roles }) => html`<span class="one">${said(name)} <small>${roles.join(', ')}</small></span>`)}`)}
      ${groups.length === 0 ? '' : fact('Groups', groupWords(groups))}
      ${notify === undefined ? '' : fact('Told of questions', said(notify.tell.join(', ') || 'nobody at once'))}
    </dl>
    ${riskSection(riskRules)}
    ${templates.map(templateSection)}`
}

function templateSection({
  name,
  description,
  grants,
  rules,
  maxTtlMs,
  maxLeases,
  budgets,
  approval,
  dangerous,
  hours,
  networks,
  images,
  ticket,
  ticketOpen,
  watched,
  certificate,
  onBehalfOf,
  issue,
  askBeyond = [],
  parameters = {},
}: TaskTemplate): Html {
  const spent = Object.entries(budgets).map(([budget, most]) => {
    const asks = askBeyond.some(one => one === budget) ? ' (then asks)' : ''
    return `${budget} ${most}${asks}`
  })
  return html`<section>
    <h2>${said(name)}</h2>
    <p>${said(description)}</p>
    ${ruleList(rules)}
    <dl>
      ${fact('For', html`${grants.map(({ agent, namespaces, delegation }) => html`<span class="one">${said(agent)} in ${code(namespaces.join(', ') || 'the cluster')}${delegation === undefined ? '' : html`, which may hand it to ${said(delegation.to.join(', '))}`}</span>`)}`)}
      ${fact('Longest', formatDuration(maxTtlMs))}
      ${fact('At once', String(maxLeases))}
      ${hours === undefined ? '' : fact('Hours', describeHours(hours))}
      ${networks === undefined ? '' : fact('From', code(networks.flat().join(', ')))}
      ${images === undefined ? '' : fact('Images', code(images.flat().join(', ')))}
      ${ticket === undefined ? '' : fact(ticketOpen === true ? 'Open ticket like' : 'Ticket like', code(ticket))}
      ${watched === undefined ? '' : fact('Only watched', code(watched.join(', ')))}
      ${certificate === undefined ? '' : fact('Client certificate', 'required, and its leases are bound to it')}
      ${onBehalfOf === undefined ? '' : fact('On behalf of a person', onBehalfOf)}
      ${issue === undefined ? '' : fact('Given with a yes of', said(describeQuorum(issue)))}
      ${Object.entries(parameters).map(([name, pattern]) => fact('Filled in', html`${code(`{${name}}`)} like ${code(pattern)}`))}
      ${spent.length === 0 ? '' : fact('Budgets', spent.join(', '))}
      ${approval.require.length === 0 ? '' : fact('Asks also', code(approval.require.join(', ')))}
      ${approval.skip.length === 0 ? '' : fact('Does not ask', code(approval.skip.join(', ')))}
      ${approval.tiers === undefined ? '' : fact('By tier', tierWords(approval.tiers))}
      ${approval.untilLeaseEnds === true ? fact('A yes', 'may be until the lease ends') : ''}
      ${approval.quorum === undefined ? '' : fact('Yes of', said(describeQuorum(approval.quorum)))}
      ${Object.entries(approval.risks ?? {}).map(([id, quorum]) => fact('Yes of', html`${said(describeQuorum(quorum))} to ${code(id)}`))}
      ${dangerous.length === 0 ? '' : fact('Dangerous', html`<span class="risk high">${said(dangerous.join(', '))}</span>`)}
    </dl>
  </section>`
}
