import { TIERS } from '../../../lease/questions/risk-rule.ts'
import type { Policy, TaskTemplate } from '../../policy.ts'
import { catalogueOf } from '../../risk-rules/catalogue.ts'
import { compiled } from '../../risk-rules/rule-set.ts'
import { stanceOf } from '../../risk-rules/stance.ts'
import { aboutTemplate, mayAsk, type Warning } from '../warning.ts'

/** What nobody lets pass by a word that says nothing of it. */
const NAMED: readonly (readonly [what: string, ids: readonly string[]])[] = [
  ['reads of Secrets', ['secrets-get', 'secrets-list', 'secrets-list-all']],
  ['exec', ['exec-production', 'pods-exec']],
  ['deletes of namespaces', ['ns-delete']],
]

/** Tiers that pass whole, and what goes with them. */
export function tierWarnings(policy: Policy): readonly Warning[] {
  const known = catalogueOf(policy)
  return policy.templates.flatMap(template => {
    const { tiers = {}, skip, require, risks = {} } = template.approval
    const passing = known.filter(
      ({ id, tier }) => tiers[tier] === 'pass' && !require.includes(id) && risks[id] === undefined,
    )
    const open = TIERS.flatMap(tier => {
      const granted = passing.filter(risk => risk.tier === tier && mayAsk(template, risk)).map(({ id }) => id)
      const with_ = NAMED.filter(([, ids]) => ids.some(id => granted.includes(id))).map(([what]) => what)
      return with_.length === 0 ? [] : [`lets ${tier} pass, and with it ${with_.join(', ')}`]
    })
    const barred = skip
      .filter(id => known.some(risk => risk.id === id && tiers[risk.tier] === 'never'))
      .map(id => `skips "${id}", of a tier that never passes`)
    return [...open, ...barred, ...standsFor(template, policy)].map(message => aboutTemplate(template, message))
  })
}

/** Rules that pass in place of what nobody lets pass. */
function standsFor(template: TaskTemplate, { riskRules = [] }: Policy): readonly string[] {
  const passing = compiled(riskRules).entries.filter(
    entry => stanceOf(entry, template) === 'pass' && mayAsk(template, entry),
  )
  return passing.flatMap(({ id, replaces }) =>
    NAMED.filter(([, ids]) => ids.some(one => replaces.includes(one))).map(
      ([what]) => `lets "${id}" pass, which stands for ${what}`,
    ),
  )
}
