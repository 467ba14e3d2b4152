import { AdmissionregistrationV1Api, type KubeConfig } from '@kubernetes/client-node'
import { all, orNone } from './calls.ts'
import type { AdmissionObject } from './cluster.ts'

/** ValidatingAdmissionPolicies and what binds them. An API server of before 1.30 has neither. */
export async function admissionObjects(config: KubeConfig): Promise<readonly AdmissionObject[]> {
  const api = config.makeApiClient(AdmissionregistrationV1Api)
  const policies = all('validatingadmissionpolicies', page => api.listValidatingAdmissionPolicy(page))
  const bindings = all('validatingadmissionpolicybindings', page => api.listValidatingAdmissionPolicyBinding(page))
  return [
    ...(await orNone(policies, [])).map(toObject('ValidatingAdmissionPolicy')),
    ...(await orNone(bindings, [])).map(toObject('ValidatingAdmissionPolicyBinding')),
  ]
}

interface Declared {
  readonly metadata?: { readonly name?: string }
  readonly spec?: object
}

function toObject(kind: AdmissionObject['kind']) {
  return ({ metadata, spec }: Declared): AdmissionObject => ({ kind, name: metadata?.name ?? '', spec })
}
