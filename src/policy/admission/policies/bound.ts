import { EXTRA_KEYS } from '../../rbac/identity.ts'
import { cel } from '../cel.ts'
import { ACTS_AS_A_LEASE } from '../leased.ts'
import { type AdmissionPolicy, admissionPolicy, refuse } from '../objects.ts'

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
    // Of many objects how their uids begin, which the API server draws and nobody chooses.
    {
      name: 'isNamed',
      expression: cel`
        variables.uid in variables.bound || (variables.uid.size() == 36 && variables.uid.substring(0, 13) in variables.bound)`,
    },
    {
      name: 'isSeen',
      expression: cel`
        variables.uid != "" && (variables.isNamed || variables.bound.exists(each, each.startsWith(variables.uid + "@")))`,
    },
  ],
  validations: [
    refuse(
      'request.operation != "CREATE" || "none" in variables.bound',
      says('this is not there any more as the approver saw it: the object is gone, and another one would be made'),
    ),
    refuse(
      'request.operation == "CREATE" || variables.isSeen',
      says('this is not there as the approver saw it: it is another object, made anew under the name or come later'),
    ),
    refuse(
      cel`
        request.operation == "CREATE" || !variables.isSeen || variables.isNamed
          || variables.uid + "@" + variables.version in variables.bound`,
      says('this is not there any more as the approver saw it: it was changed meanwhile'),
    ),
  ],
})

/** For the agent, who reads it as what the API server answers. */
function says(what: string): string {
  return `leasegate: ${what}; the yes does not hold for it, ask again`
}
