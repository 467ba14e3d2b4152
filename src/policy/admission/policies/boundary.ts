import { TOKEN_TYPES } from '../../risk/token-secret.ts'
import { cel, listOf } from '../cel.ts'
import { ACTS_AS_A_LEASE, GUARDED, isGuarded, NAME, TEMPLATE, wordsOf } from '../leased.ts'
import { type AdmissionPolicy, admissionPolicy, refuse, type Validation, type Variable } from '../objects.ts'
import { AGENTS_KEY } from '../parameters.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** What Kubernetes and Leasegate themselves are called by. */
const RESERVED = ['system:', 'leasegate:']

/**
 * Labels and annotations with a prefix belong to whoever the prefix is of: Pod Security, Gatekeeper, Kyverno, Istio and others exempt
 * namespaces by them. These are for descriptions alone.
 */
const DESCRIBING = [
  'kubernetes.io/metadata.name',
  'app.kubernetes.io/',
  'helm.sh/',
  'meta.helm.sh/',
  'kubectl.kubernetes.io/',
]
/** Labels without a prefix that exempt a namespace all the same. */
const EXEMPTING = ['control-plane', 'istio-injection']

const VARIABLES: readonly Variable[] = [
  ...TEMPLATE,
  GUARDED,
  NAME,
  { name: 'agents', expression: wordsOf(`"${AGENTS_KEY}"`) },
  { name: 'subjects', expression: 'object.?subjects.orValue([])' },
  { name: 'oldSubjects', expression: 'oldObject.?subjects.orValue([])' },
  { name: 'describing', expression: listOf(DESCRIBING) },
  { name: 'reserved', expression: listOf(RESERVED) },
  { name: 'labels', expression: 'object.?metadata.?labels.orValue({})' },
  { name: 'oldLabels', expression: 'oldObject.?metadata.?labels.orValue({})' },
  { name: 'annotations', expression: 'object.?metadata.?annotations.orValue({})' },
  { name: 'oldAnnotations', expression: 'oldObject.?metadata.?annotations.orValue({})' },
  { name: 'writes', expression: 'request.operation in ["CREATE", "UPDATE"]' },
]

/** The boundary itself. */
const OUT_OF_REACH: readonly Validation[] = [
  refuse(
    cel`
      !(${isGuarded('request.?namespace.orValue("")')})
      && !(request.resource.resource == "namespaces" && ${isGuarded('variables.name')})`,
    'leased identities do not reach into the namespace of Leasegate',
  ),
]

/** Rights that would outlive every lease, for everybody, for all leases, or for the agent and the boundary themselves. */
const RIGHTS: readonly Validation[] = [
  refuse(
    cel`request.resource.group != "${RBAC}" || !variables.name.startsWith("leasegate:")`,
    'leased identities change no rights of leases',
  ),
  refuse(
    cel`
      !variables.writes || request.resource.group != "${RBAC}"
      || variables.subjects.all(subject, subject in variables.oldSubjects || subject.kind == "ServiceAccount"
        || !variables.reserved.exists(prefix, subject.name.startsWith(prefix)))`,
    'leased identities bind no group of Kubernetes or of Leasegate, and no user of theirs',
  ),
  refuse(
    cel`
      !variables.writes || request.resource.group != "${RBAC}"
      || variables.subjects.all(subject, subject in variables.oldSubjects || subject.kind != "ServiceAccount"
        || !(${isGuarded('subject.?namespace.orValue("")')})
          && !(subject.?namespace.orValue("") + ":" + subject.name in variables.agents))`,
    'leased identities bind no service account of Leasegate or of an agent',
  ),
]

/** What is there stays as it is, but for Pod Security, which may become stricter; what is new says nothing to anybody's guard. */
const GUARDS: readonly Validation[] = [
  refuse(
    cel`
      request.resource.resource != "namespaces" || !variables.writes
      || variables.labels.all(key, ${kept('variables.labels', 'variables.oldLabels')} || ${describes('key')}
          || key.startsWith("pod-security.kubernetes.io/") && (variables.labels[key] == "restricted"
            || key.endsWith("-version") && variables.labels[key] == "latest")
          || !key.contains("/") && !(key in variables.oldLabels) && !(key in ${listOf(EXEMPTING)}))
        && variables.oldLabels.all(key, key in variables.labels || ${describes('key')})`,
    'leased identities loosen no Pod Security of a namespace, and no other guard that goes by its labels',
  ),
  refuse(
    cel`
      request.resource.resource != "namespaces" || !variables.writes
      || variables.annotations.all(key, ${kept('variables.annotations', 'variables.oldAnnotations')}
          || ${describes('key')} || !key.contains("/"))
        && variables.oldAnnotations.all(key, key in variables.annotations || ${describes('key')} || !key.contains("/"))`,
    'leased identities loosen no guard that goes by the annotations of a namespace',
  ),
]

/** A Secret of this type is filled with a token of the account that its annotations name: whoever writes those takes the account. */
const TOKENS: readonly Validation[] = [
  refuse(
    cel`
      !variables.writes || request.resource.group != "" || request.resource.resource != "secrets"
      || !(object.?type.orValue("") in ${listOf(TOKEN_TYPES)})
      || "token-secret" in variables.dangerous
      || request.operation == "UPDATE" && object.?data == oldObject.?data
        && ["name", "uid"].all(key, variables.annotations[?"kubernetes.io/service-account." + key]
          == variables.oldAnnotations[?"kubernetes.io/service-account." + key])`,
    'leased identities make no Secret that holds a token of a service account: the task template does not name token-secret',
  ),
]

export const BOUNDARY_POLICY: AdmissionPolicy = admissionPolicy({
  name: 'leasegate-boundary',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  matchConditions: [ACTS_AS_A_LEASE],
  variables: VARIABLES,
  validations: [...OUT_OF_REACH, ...RIGHTS, ...GUARDS, ...TOKENS],
})

function kept(now: string, before: string): string {
  return `(key in ${before} && ${before}[key] == ${now}[key])`
}

function describes(key: string): string {
  return `variables.describing.exists(prefix, ${key}.startsWith(prefix))`
}
