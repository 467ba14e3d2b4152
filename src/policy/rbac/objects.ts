/** What of rbac.authorization.k8s.io/v1 is used here. */
export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

export type Subject =
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string }
  | { readonly kind: 'User' | 'Group'; readonly name: string; readonly apiGroup: 'rbac.authorization.k8s.io' }

interface Metadata {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

interface RoleRef {
  readonly apiGroup: 'rbac.authorization.k8s.io'
  readonly kind: 'ClusterRole'
  readonly name: string
}

interface Common {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1'
}

export type RbacObject = Common &
  (
    | { readonly kind: 'ClusterRole'; readonly metadata: Metadata; readonly rules: readonly PolicyRule[] }
    | {
        readonly kind: 'ClusterRoleBinding'
        readonly metadata: Metadata
        readonly roleRef: RoleRef
        readonly subjects: readonly Subject[]
      }
    | {
        readonly kind: 'RoleBinding'
        readonly metadata: Metadata & { readonly namespace: string }
        readonly roleRef: RoleRef
        readonly subjects: readonly Subject[]
      }
  )

const RBAC = 'rbac.authorization.k8s.io'
const LABELS = { 'app.kubernetes.io/managed-by': 'leasegate' }

export function clusterRole(name: string, rules: readonly PolicyRule[]): RbacObject {
  return { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name, labels: LABELS }, rules }
}

/** Binds the role of this name in one namespace, or for all of the cluster when there is none. */
export function binding(role: string, subject: Subject, namespace: string | null): RbacObject {
  const roleRef: RoleRef = { apiGroup: RBAC, kind: 'ClusterRole', name: role }
  const metadata = { name: role, labels: LABELS }
  const subjects = [subject]
  if (namespace === null) return { apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata, roleRef, subjects }
  return { apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata: { ...metadata, namespace }, roleRef, subjects }
}

export function group(name: string): Subject {
  return { kind: 'Group', name, apiGroup: RBAC }
}

export function user(name: string): Subject {
  return { kind: 'User', name, apiGroup: RBAC }
}
