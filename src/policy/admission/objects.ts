/** What of admissionregistration.k8s.io/v1 is used here. */
export interface Variable {
  readonly name: string
  readonly expression: string
}

export interface Validation {
  readonly expression: string
  readonly message: string
  readonly reason: 'Forbidden'
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

interface Metadata {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

export interface AdmissionPolicy {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'ValidatingAdmissionPolicy'
  readonly metadata: Metadata
  readonly spec: {
    readonly failurePolicy: 'Fail'
    readonly matchConstraints: typeof EVERYTHING & { readonly resourceRules: readonly object[] }
    readonly matchConditions: readonly Variable[]
    readonly variables: readonly Variable[]
    readonly validations: readonly Validation[]
  }
}

export interface AdmissionBinding {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'ValidatingAdmissionPolicyBinding'
  readonly metadata: Metadata
  readonly spec: {
    readonly policyName: string
    readonly validationActions: readonly ['Deny']
  }
}

export type AdmissionObject = AdmissionPolicy | AdmissionBinding

const API_VERSION = 'admissionregistration.k8s.io/v1'
const LABELS = { 'app.kubernetes.io/managed-by': 'leasegate' }

/** The API server would fill these in: written out, what is there can be compared with what should be. */
const EVERYTHING = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } as const

interface Judging {
  readonly name: string
  readonly operations: readonly Operation[]
  readonly matchConditions: readonly Variable[]
  readonly variables: readonly Variable[]
  readonly validations: readonly Validation[]
}

export function admissionPolicy({ name, operations, ...spec }: Judging): AdmissionPolicy {
  const everything = { apiGroups: ['*'], apiVersions: ['*'], operations, resources: ['*/*'], scope: '*' }
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name, labels: LABELS },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { ...EVERYTHING, resourceRules: [everything] },
      ...spec,
    },
  }
}

/** Puts a policy in force. */
export function admissionBinding(policyName: string): AdmissionBinding {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: policyName, labels: LABELS },
    spec: { policyName, validationActions: ['Deny'] },
  }
}

export function refuse(expression: string, message: string): Validation {
  return { expression, message, reason: 'Forbidden' }
}
