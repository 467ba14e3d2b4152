import type { Policy } from '../policy.ts'
import type { RbacOptions } from '../rbac/rbac.ts'
import { type AdmissionObject, type AdmissionPolicy, admissionBinding, type Variable } from './objects.ts'
import { toParameters } from './parameters.ts'
import { PODS_POLICY } from './pods/pods.ts'
import { BOUND_POLICY } from './policies/bound.ts'
import { BOUNDARY_POLICY } from './policies/boundary.ts'
import { DELETION_POLICY } from './policies/deletion.ts'
import { FIELDS_POLICY } from './policies/fields.ts'
import { PLANS_POLICY } from './policies/plans.ts'

/** The same for every policy file, but for the variable with what it says. */
export const ADMISSION_POLICIES = [
  BOUNDARY_POLICY,
  PODS_POLICY,
  FIELDS_POLICY,
  DELETION_POLICY,
  BOUND_POLICY,
  PLANS_POLICY,
] as const

/** Stands for the namespace of a boundary that has none. */
const ELSEWHERE = 'elsewhere'

/**
 * What the API server itself refuses to leases, behind RBAC: it sees what results of a write, where the boundary sees what was sent.
 * Needs admissionregistration.k8s.io/v1 with ValidatingAdmissionPolicies: Kubernetes 1.30.
 */
export function toAdmission(policy: Policy, account: RbacOptions['boundary']): readonly AdmissionObject[] {
  const namespace = account.kind === 'serviceAccount' ? account.namespace : ''
  const guarded = policy.boundaryNamespace === '' ? namespace : policy.boundaryNamespace
  const parameters = toParameters(policy, guarded)
  const own = ADMISSION_POLICIES.map(each => ownPolicy(each, guarded === '' ? ELSEWHERE : guarded, parameters))
  return own.flatMap(each => [each, admissionBinding(each.metadata.name)])
}

/** Several boundaries live in one cluster, each with policies of its own: what one of them takes away, the others still have. */
function ownPolicy(
  { metadata, spec, ...policy }: AdmissionPolicy,
  owner: string,
  parameters: Variable,
): AdmissionPolicy {
  const variables = [parameters, ...spec.variables]
  return { ...policy, metadata: { ...metadata, name: `${metadata.name}.${owner}` }, spec: { ...spec, variables } }
}
