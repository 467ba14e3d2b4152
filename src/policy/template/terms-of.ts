import type { Terms } from '../../lease/lease.ts'
import type { TaskTemplate } from '../policy.ts'

/** What a lease of the template is issued with, beside its scope. */
export function termsOf({
  dangerous,
  approval,
  serviceAccounts,
  riskRules,
  networks,
  watched,
  askBeyond,
}: TaskTemplate): Terms {
  return {
    dangerous,
    approval,
    serviceAccounts,
    ...(riskRules === undefined ? {} : { riskRules }),
    ...(networks === undefined ? {} : { networks }),
    ...(watched === undefined ? {} : { watched }),
    ...(askBeyond === undefined ? {} : { askBeyond }),
  }
}
