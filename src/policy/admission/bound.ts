import { EXTRA_KEYS } from '../rbac/identity.ts'
import { cel } from './cel.ts'
import { ACTS_AS_A_LEASE } from './leased.ts'
import { type AdmissionPolicy, admissionPolicy, refuse } from './objects.ts'

const BOUND = `request.userInfo.?extra[?"${EXTRA_KEYS.bound}"]`
const UID = 'oldObject.?metadata.?uid.orValue("")'
const VERSION = 'oldObject.?metadata.?resourceVersion.orValue("")'

/**
 * A yes is for the object in the state that the approver saw. The API server compares where it writes: it holds the very version that is
 * replaced or deleted, so that nothing can come between.
 */
export const BOUND_POLICY: AdmissionPolicy = admissionPolicy({
  name: 'leasegate-bound',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  matchConditions: [ACTS_AS_A_LEASE, { name: 'is-bound', expression: `${BOUND}.hasValue()` }],
  variables: [
    // One value, or something is odd.
    { name: 'bound', expression: `${BOUND}.value().size() == 1 ? ${BOUND}.value()[0].split(" ") : []` },
    { name: 'uid', expression: UID },
    { name: 'version', expression: VERSION },
  ],
  validations: [
    refuse(
      cel`
        request.operation == "CREATE" ? "none" in variables.bound
          : variables.uid != "" && (variables.uid in variables.bound || variables.uid + "@" + variables.version in variables.bound)`,
      'leasegate: this is not there any more as the approver saw it: it was changed, made anew, or is another one; the yes does not hold for it, ask again',
    ),
  ],
})
