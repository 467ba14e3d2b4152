import { budgetWarnings } from './check/budgets.ts'
import { codeWarnings } from './check/code/code.ts'
import { kubectlWarnings } from './check/kubectl.ts'
import { grantWarnings, peopleWarnings } from './check/people/grants.ts'
import { quorumWarnings } from './check/people/quorum.ts'
import { sponsorWarnings } from './check/people/sponsors.ts'
import { takenNameWarnings } from './check/people/taken-names.ts'
import { riskRuleWarnings } from './check/risks/risk-rules.ts'
import { riskWarnings } from './check/risks/risks.ts'
import { tierWarnings } from './check/risks/tiers.ts'
import { ruleWarnings } from './check/rules.ts'
import type { Warning } from './check/warning.ts'
import type { Policy } from './policy.ts'

/** What is allowed to stand in a policy and yet is most likely not what was meant. */
export function checkPolicy(policy: Policy): readonly Warning[] {
  const checks = [grantWarnings, kubectlWarnings, ruleWarnings, codeWarnings, riskWarnings, budgetWarnings]
  return [
    ...peopleWarnings(policy),
    ...takenNameWarnings(policy),
    ...sponsorWarnings(policy),
    ...quorumWarnings(policy),
    ...riskRuleWarnings(policy),
    ...tierWarnings(policy),
    ...policy.templates.flatMap(template => checks.flatMap(check => check(template))),
  ]
}

/** `template restart-web, rule 2: …` */
export function describeWarning({ template, rule, message }: Warning): string {
  const parts = [template === null ? [] : [`template ${template}`], rule === null ? [] : [`rule ${rule}`]].flat()
  return parts.length === 0 ? message : `${parts.join(', ')}: ${message}`
}
