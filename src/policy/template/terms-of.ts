import type { Terms } from '../../lease/lease.ts'
import type { TaskTemplate } from '../policy.ts'

/** What a lease of the template is issued with, beside its scope. */
export function termsOf(template: TaskTemplate): Terms {
  const { dangerous, approval, serviceAccounts, podSecrets, riskRules, networks, images, watched, askBeyond } = template
  return {
    dangerous,
    approval,
    serviceAccounts,
    ...(podSecrets === undefined ? {} : { podSecrets }),
    ...(riskRules === undefined ? {} : { riskRules }),
    ...(networks === undefined ? {} : { networks }),
    ...(images === undefined ? {} : { images }),
    ...(watched === undefined ? {} : { watched }),
    ...(askBeyond === undefined ? {} : { askBeyond }),
  }
}
