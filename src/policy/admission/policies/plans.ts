import { PLAN_USER } from '../../rbac/identity.ts'
import { STORED_PARTS } from '../../rbac/planner.ts'
import { cel, listOf } from '../cel.ts'
import { type AdmissionPolicy, admissionPolicy, refuse } from '../objects.ts'

/**
 * Plans are made in the name of users who have an agent's groups, and with them all of its rights: so whoever holds the planner's credential could do
 * what agents can, without a lease. Under these names nothing is done, it is but tried.
 */
export const PLANS_POLICY: AdmissionPolicy = admissionPolicy({
  name: 'leasegate-plans',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  matchConditions: [
    { name: 'makes-a-plan', expression: cel`request.userInfo.?username.orValue("").startsWith("${PLAN_USER}")` },
  ],
  variables: [],
  validations: [
    refuse('request.?dryRun.orValue(false)', 'plans are made by dry runs alone'),
    // The API server makes a token, and asks whoever stands behind a proxy, in a dry run as in any other.
    refuse(
      cel`request.?subResource.orValue("") in ${listOf(['', ...STORED_PARTS])}`,
      'plans try nothing but what is stored',
    ),
  ],
})
