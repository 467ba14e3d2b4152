import type { ExplainedRequest, Help, LeaseWay } from '../../denial/explained-request.ts'
import { printable } from '../../support/text/printable.ts'
import { shownCommand } from '../../support/text/shown-text.ts'
import { timeLeft } from '../../support/time/time-left.ts'

/** In plain words: what it was, what was said and why, what would help. What agents and clients wrote is made printable. */
export async function describeRequest(explained: ExplainedRequest): Promise<string> {
  const { auditId, decidedAt, lease, template, agent, sponsor, message } = explained
  const whose = `${agent}${sponsor === '' ? '' : ` for ${sponsor}`}`
  const lines = [
    `${whatOf(explained)}: ${SAID[explained.decision]}`,
    `  ${new Date(decidedAt).toISOString()}, ${whose}, ${lease === '' ? 'no lease' : `lease ${lease} of ${template}`}, audit id ${auditId}`,
    ...(message === '' ? outcomeOf(explained) : [`  ${printable(message)}`]),
    ...ruleOf(explained),
    ...risksOf(explained),
    ...approvalOf(explained),
    ...policyOf(explained),
  ]
  return `${lines.join('\n')}\n${await helpOf(explained)}`
}

const SAID = { allow: 'let through', deny: 'refused', pending: 'waits for an approver' } as const

function whatOf({ what, request }: ExplainedRequest): string {
  const command = request.command.length === 0 ? '' : `: ${shownCommand(request.command)}`
  return printable(`${what}${command}`)
}

function outcomeOf({ outcome: { state, status, endReason } }: ExplainedRequest): readonly string[] {
  const how = [state, status === 0 ? '' : `status ${status}`, endReason].filter(text => text !== '')
  return how.length === 0 ? [] : [`  outcome: ${how.join(', ')}`]
}

function ruleOf({ rule, rules }: ExplainedRequest): readonly string[] {
  if (rule === '') return []
  const says = rules.map(({ verbs, resources, nonResourceURLs, resourceNames, namespaces }) => {
    const what = resources.length === 0 ? nonResourceURLs : resources
    const names = resourceNames.length === 0 ? '' : ` ${resourceNames.join(',')}`
    const where = namespaces.length === 0 ? '' : ` in ${namespaces.join(',')}`
    return `${verbs.join(',')} ${what.join(',')}${names}${where}`
  })
  return [`  covered by ${rule} of the lease${says.length === 0 ? '' : `: ${says.join('; ')}`}`]
}

/** First the one that it was decided by. An older broker names that one alone. */
function risksOf({ risk, risks }: ExplainedRequest): readonly string[] {
  if (risk === null) return []
  const others = risks
    .filter(({ id }) => id !== risk.id)
    .map(({ id, tier }) => `${id}${tier === '' ? '' : ` (${tier})`}`)
  return [
    `  risk: ${risk.id}${risk.tier === '' ? '' : ` (${risk.tier}): it ${risk.why}`}`,
    ...(others.length === 0 ? [] : [`  and risky as ${others.join(', ')}`]),
  ]
}

function approvalOf({ approval }: ExplainedRequest): readonly string[] {
  if (approval === null) return []
  const { id, state, decidedBy, why, endsAt } = approval
  const by = decidedBy === '' ? '' : ` by ${decidedBy}`
  const because = why === '' ? '' : `: ${why}`
  const left =
    endsAt === null || (state !== 'pending' && state !== 'approved') ? '' : `, ${timeLeft(endsAt, Date.now())} left`
  return [`  approval ${id}: ${state}${by}${because}${left}`]
}

const TODAY = { allow: 'let it through', ask: 'ask an approver', deny: 'refuse it' } as const

function policyOf({ policy: { was, now, says } }: ExplainedRequest): readonly string[] {
  if (was === now) return []
  const today =
    says.length === 0 ? 'what it says to this cannot be told' : `it would ${says.map(one => TODAY[one]).join(' or ')}`
  return [`  the policy is another one by now (${was.slice(0, 12)}, now ${now.slice(0, 12)}); ${today}`]
}

async function helpOf({ decision, help }: ExplainedRequest): Promise<string> {
  if (decision === 'allow') return ''
  if (help.length === 0) return '\nNothing that could be asked for would let it pass.\n'
  const parts = await Promise.all(help.map(describeHelp))
  return `\nWhat would help:\n${parts.join('')}`
}

async function describeHelp(help: Help): Promise<string> {
  switch (help.kind) {
    case 'lease':
      return `  a lease of ${help.template}${conditionsOf(help)}\n    ${help.command}\n`
    case 'held':
      return `  ${help.lease} of ${help.template}, which this lease was narrowed from\n    ${help.command}\n`
    case 'approval':
      return `  a yes of an approver, and then the same request again\n    ${help.command}\n`
    case 'platform':
      return describePlatform(help)
  }
}

export function conditionsOf({ sure, lacks, instead }: LeaseWay): string {
  const conditions = [
    ...(sure ? [] : ['whether it covers this depends on what was sent, which is not on record']),
    ...(lacks === '' ? [] : [`the rest of the command would lack ${lacks}`]),
    ...(instead === null ? [] : [`${instead} has to end first`]),
  ]
  return conditions.length === 0 ? '' : ` (${conditions.join('; ')})`
}

/** To be pasted into a template of the policy file. */
export async function describePlatform(help: Extract<Help, { readonly kind: 'platform' }>): Promise<string> {
  const { template, rules, namespaces, dangerous, notes } = help
  const { toRulesYaml } = await import('../lease/policy-yaml.ts')
  if (dangerous.length > 0)
    return `  the platform team, if they want this to be possible: in template ${template}\n    dangerous: [${dangerous.join(', ')}]\n`
  const yaml = toRulesYaml({ rules, namespaces, notes })
  const indented = yaml
    .trimEnd()
    .split('\n')
    .map(line => `    ${printable(line)}\n`)
  return `  the platform team: no template that is granted to you has\n${indented.join('')}`
}
