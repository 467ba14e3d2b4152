import type { Finding } from '../../../findings/report.ts'
import type { Cluster } from '../../../kubernetes/cluster.ts'
import type { Policy } from '../../../policy/policy.ts'
import { type RbacOptions, toRbac } from '../../../policy/rbac/rbac.ts'
import { examineAdmission } from './admission.ts'
import { missingIn, tooFew } from './boundary-account.ts'

/** What `leasegate policy rbac` prints for this policy and the cluster does not have, or has otherwise. */
export async function notApplied(
  cluster: Cluster,
  policy: Policy,
  { admission, ...options }: RbacOptions & { readonly admission: boolean },
): Promise<readonly Finding[]> {
  const [bindings, roles] = await Promise.all([cluster.bindings(), cluster.roles()])
  const judging = admission ? await examineAdmission(cluster, policy, options.boundary) : { findings: [] }
  return [...missingIn(toRbac(policy, options), bindings, roles).map(tooFew), ...judging.findings]
}
