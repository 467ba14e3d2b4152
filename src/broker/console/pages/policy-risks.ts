import { html } from 'hono/html'
import { describeQuorum } from '../../../approval/people/groups.ts'
import { isOne } from '../../../lease/questions/quorum.ts'
import { type Match, type RuleSet, type Stance, TIERS, type Tiers } from '../../../lease/questions/risk-rule.ts'
import type { Group } from '../../../policy/policy.ts'
import { riskLine } from '../words/risk.ts'
import { code, type Html, said } from '../words/text.ts'

/** Risks of the policy's own, in its order; those of the catalogue are in the documentation. */
export function riskSection(rules: RuleSet): Html | '' {
  if (rules.length === 0) return ''
  const lines = rules.map(
    ({ id, tier, why, match }) =>
      html`<li>${riskLine({ risk: id, tier, why })}${match === null ? html`: of the catalogue, weighed anew` : html`: ${matchWords(match)}`}</li>`,
  )
  return html`<section><h2>Risks</h2><ul class="lines">${lines}</ul></section>`
}

/** What a request has to be, all of it; what is left out may be anything. */
function matchWords({ verbs, apiGroups, resources, minObjects, replaces, ...rest }: Match): Html {
  const { namespaces, resourceNames, changes, changesOnly, ownPrefixes = [] } = rest
  const more: readonly (readonly [string, readonly string[]])[] = [
    [' of the groups ', apiGroups.map(group => (group === '' ? 'core' : group))],
    [' in ', namespaces],
    [' named ', resourceNames],
    [', that may change ', changes],
    [', that changes nothing but ', changesOnly],
    [', any of the prefixes ', ownPrefixes],
    [minObjects > 1 ? ', of so many objects or more: ' : '', minObjects > 1 ? [String(minObjects)] : []],
    ['; in place of ', replaces],
  ]
  const limits = more
    .filter(([, values]) => values.length > 0)
    .map(([before, values]) => html`${before}${list(values)}`)
  return html`${verbs.length === 0 ? 'anything' : list(verbs)} ${resources.length === 0 ? 'on anything' : html`on ${list(resources)}`}${limits}`
}

/** `low pass, high 2 people of oncall, critical never`: what a template makes of each tier that it names. */
export function tierWords(tiers: Tiers): Html {
  const named = TIERS.flatMap(tier => (tiers[tier] === undefined ? [] : [[tier, tiers[tier]] as const]))
  return html`${named.map(([tier, stance]) => html`<span class="one">${tier}: ${stanceWords(stance)}</span>`)}`
}

function stanceWords(stance: Stance): Html | string {
  if (stance === 'pass') return 'passes'
  if (stance === 'never') return 'never passes'
  return isOne(stance) ? 'asks any one approver' : html`asks ${said(describeQuorum(stance))}`
}

/** Who may be wanted for a yes. */
export function groupWords(groups: readonly Group[]): Html {
  const lines = groups.map(({ name, members, match }) => {
    const claims = Object.entries(match?.claims ?? {}).map(([claim, value]) => `${claim}=${value}`)
    const by =
      match === null ? '' : html` <small>or a token of ${said(match.issuer)} with ${code(claims.join(', '))}</small>`
    return html`<span class="one">${said(name)}: ${said(members.join(', ') || 'nobody by name')}${by}</span>`
  })
  return html`${lines}`
}

function list(words: readonly string[]): Html {
  return html`${words.map((word, index) => html`${index === 0 ? '' : ', '}${code(word)}`)}`
}
