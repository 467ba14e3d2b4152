/** What is read of a cluster to see who may do what in it, as far as it is used here. Every call rejects with a ClusterError. */
export interface Cluster {
  /** `https://host:port`. */
  readonly server: string
  /** PEM, null: the system's. */
  readonly ca: string | null
  bindings(): Promise<readonly Binding[]>
  roles(): Promise<readonly Role[]>
  secrets(namespace: string): Promise<readonly StoredObject[]>
  configMaps(namespace: string): Promise<readonly StoredObject[]>
  pods(namespace: string): Promise<readonly Pod[]>
  namespaces(): Promise<readonly string[]>
  signingRequests(): Promise<readonly SigningRequest[]>
  resources(): Promise<readonly ApiResource[]>
  /** ValidatingAdmissionPolicies and what binds them; none where the API server knows no such thing. */
  admissionObjects(): Promise<readonly AdmissionObject[]>
  /** One ConfigMap, null when it is not there. */
  configMap(namespace: string, name: string): Promise<StoredObject | null>
  /** Whether the API server would let this subject do this: a SubjectAccessReview, so every authorizer is asked. */
  may(subject: AccessSubject, action: Action): Promise<boolean>
}

export interface Subject {
  readonly kind: string
  readonly name: string
  /** '' where the kind has none. */
  readonly namespace: string
}

/** RoleBinding or ClusterRoleBinding. */
export interface Binding {
  readonly name: string
  /** Null: ClusterRoleBinding. */
  readonly namespace: string | null
  readonly roleKind: string
  readonly roleName: string
  readonly subjects: readonly Subject[]
}

export interface RoleRule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

/** Role or ClusterRole. */
export interface Role {
  readonly name: string
  /** Null: ClusterRole. */
  readonly namespace: string | null
  readonly rules: readonly RoleRule[]
  /** Its rules are gathered from other roles by labels, and change with them. */
  readonly aggregated: boolean
}

/** Secret or ConfigMap; values are decoded, and must never be shown. */
export interface StoredObject {
  readonly name: string
  readonly namespace: string
  /** '' for a ConfigMap. */
  readonly type: string
  readonly annotations: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, string>>
}

export interface Pod {
  readonly name: string
  readonly namespace: string
  readonly account: string
  /** Secrets that a volume or an environment variable of the pod reads. */
  readonly secrets: readonly string[]
  /** A token that the API server itself accepts is mounted. */
  readonly mountsApiToken: boolean
}

export interface SigningRequest {
  readonly name: string
  readonly signer: string
  readonly requestedBy: string
  /** PEM, null: none was issued. */
  readonly certificate: string | null
}

export interface ApiResource {
  readonly group: string
  readonly version: string
  /** `pods`, `pods/log`. */
  readonly name: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

export interface AdmissionObject {
  readonly kind: 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding'
  readonly name: string
  /** As it is stored. */
  readonly spec: unknown
}

export interface AccessSubject {
  readonly user: string
  readonly groups: readonly string[]
}

export type Action =
  | {
      readonly kind: 'resource'
      readonly verb: string
      readonly group: string
      /** `pods`, `pods/log`. */
      readonly resource: string
      /** '' means all of them, or a cluster-scoped object. */
      readonly namespace: string
    }
  | { readonly kind: 'url'; readonly verb: string; readonly path: string }
