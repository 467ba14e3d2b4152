import { stringify } from 'yaml'
import { ADMISSION_POLICIES } from '../../../src/policy/admission/admission.ts'

/** The admission policies by name: the same in every cluster, whatever the policy file says. */
export function admissionFile(): string {
  const specs = ADMISSION_POLICIES.map(({ metadata: { name }, spec }) => [name, spec])
  const made = '# Made by npm run chart from src/policy/admission.\n'
  return made + stringify(Object.fromEntries(specs), { lineWidth: 0, aliasDuplicateObjects: false })
}
