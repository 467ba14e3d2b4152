import type { Policy } from '../policy.ts'
import type { RbacOptions } from '../rbac.ts'
import { BOUNDARY_POLICY } from './boundary.ts'
import { DELETION_POLICY } from './deletion.ts'
import { type AdmissionObject, type AdmissionPolicy, admissionBinding, type Parameters } from './objects.ts'
import { toParameters } from './parameters.ts'
import { PODS_POLICY } from './pods/pods.ts'

/** The same for every policy file: what differs is in their parameters. */
export const ADMISSION_POLICIES = [BOUNDARY_POLICY, PODS_POLICY, DELETION_POLICY] as const

/** Out of agents' reach by nature, where nothing else is. */
const ELSEWHERE = 'kube-system'

/**
 * What the API server itself refuses to leases, behind RBAC: it sees what results of a write, where the boundary sees what was sent.
 * Needs admissionregistration.k8s.io/v1 with ValidatingAdmissionPolicies: Kubernetes 1.30.
 */
export function toAdmission(policy: Policy, account: RbacOptions['boundary']): readonly AdmissionObject[] {
  const namespace = account.kind === 'serviceAccount' ? account.namespace : ''
  const guarded = policy.boundaryNamespace === '' ? namespace : policy.boundaryNamespace
  const parameters = toParameters(policy, guarded === '' ? ELSEWHERE : guarded, guarded)
  const own = ADMISSION_POLICIES.map(policy => ownPolicy(policy, parameters))
  return [parameters, ...own.flatMap(each => [each, admissionBinding(each.metadata.name, parameters)])]
}

/** Several boundaries live in one cluster, each with policies of its own: what one of them takes away, the others still have. */
function ownPolicy(policy: AdmissionPolicy, parameters: Parameters): AdmissionPolicy {
  const name = `${policy.metadata.name}.${parameters.metadata.namespace}`
  return { ...policy, metadata: { ...policy.metadata, name } }
}
