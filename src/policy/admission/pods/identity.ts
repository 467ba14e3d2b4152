import { cel } from '../cel.ts'
import { ACCOUNT, grantedOf } from '../granted.ts'
import { wordsOf } from '../leased.ts'
import { refuse, type Validation, type Variable } from '../objects.ts'
import { ACCOUNTS_KEY } from '../parameters.ts'

/** Service accounts that pods of this template may run as, beside the one that everything runs as that names none. */
export const ACCOUNTS: Variable = {
  name: 'accounts',
  expression: grantedOf(wordsOf(`variables.template + "${ACCOUNTS_KEY}"`), ACCOUNT),
}

const NO_ACCOUNT = '["", "default"]'

export const IDENTITY: readonly Validation[] = [
  refuse(
    cel`
      "pod-identity" in variables.dangerous
      || variables.pods.all(pod, ["serviceAccountName", "serviceAccount"].all(field,
        pod.spec[?field].orValue("") in ${NO_ACCOUNT} + variables.accounts))`,
    'leased identities make or change no pods that run as another service account: it is not among the serviceAccounts of the task template',
  ),
  // A token for somebody else, or a certificate, is an identity that no Role of this cluster limits.
  refuse(
    cel`
      "pod-identity" in variables.dangerous
      || variables.pods.all(pod, !(pod.spec.?serviceAccountName.orValue("") in ${NO_ACCOUNT})
        || pod.spec.?volumes.orValue([]).all(volume, volume.?projected.?sources.orValue([]).all(source,
          source.?serviceAccountToken.?audience.orValue("") == "" && !has(source.podCertificate))))`,
    'leased identities make or change no pods that are handed tokens for others or certificates: the task template does not name pod-identity',
  ),
  // Controllers alone write them, and make pods of what is in them.
  refuse(
    '"revisions-write" in variables.dangerous || request.resource.resource != "controllerrevisions"',
    'leased identities write no revisions of controllers, of which pods are made: the task template does not name revisions-write',
  ),
]
