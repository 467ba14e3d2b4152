const IMPERSONATES = [
  '[sig-api-machinery] API priority and fairness should ensure that requests can be classified by adding FlowSchema and PriorityLevelConfiguration',
  '[sig-auth] SelfSubjectReview should support SelfSubjectReview API operations',
  '[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]',
  "[sig-auth] [Feature:NodeAuthorizer] A node shouldn't be able to create another node",
  "[sig-auth] [Feature:NodeAuthorizer] A node shouldn't be able to delete another node",
  '[sig-auth] [Feature:NodeAuthorizer] Getting a non-existent configmap should exit with the Forbidden error, not a NotFound error',
  '[sig-auth] [Feature:NodeAuthorizer] Getting a non-existent secret should exit with the Forbidden error, not a NotFound error',
  '[sig-auth] [Feature:NodeAuthorizer] Getting an existing configmap should exit with the Forbidden error',
  '[sig-auth] [Feature:NodeAuthorizer] Getting an existing secret should exit with the Forbidden error',
]

const ANNOTATES_NAMESPACES = [
  '[sig-apps] ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision [Conformance]',
  '[sig-apps] Daemon set [Serial] should list and delete a collection of DaemonSets [Conformance]',
  '[sig-apps] Daemon set [Serial] should not update pod when spec was updated and update strategy is OnDelete',
  '[sig-apps] Daemon set [Serial] should retry creating failed daemon pods [Conformance]',
  '[sig-apps] Daemon set [Serial] should run and stop complex daemon [Conformance]',
  '[sig-apps] Daemon set [Serial] should run and stop complex daemon with node affinity',
  '[sig-apps] Daemon set [Serial] should run and stop simple daemon [Conformance]',
  '[sig-apps] Daemon set [Serial] should surge pods onto nodes when spec was updated and update strategy is RollingUpdate',
  '[sig-apps] Daemon set [Serial] should update pod when spec was updated and update strategy is RollingUpdate [Conformance]',
  '[sig-apps] Daemon set [Serial] should verify changes to a daemon set status [Conformance]',
]

/** Why a test that passes directly does not pass through the boundary, by its name. */
export const REASONS: Readonly<Record<string, string>> = {
  ...because(
    "acts as somebody else by impersonation headers: the boundary passes them on for nobody, the identity is the lease's",
    IMPERSONATES,
  ),
  ...because(
    'puts an annotation on its namespace by which the scheduler is steered: a lease loosens no guard of a namespace',
    ANNOTATES_NAMESPACES,
  ),
}

function because(reason: string, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map(name => [name, reason]))
}
