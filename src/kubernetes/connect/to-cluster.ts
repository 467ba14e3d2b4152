import type {
  RbacV1Subject,
  V1CertificateSigningRequest,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1Pod,
  V1PolicyRule,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1SubjectAccessReview,
  V1Volume,
} from '@kubernetes/client-node'
import type { AccessSubject, Action, Binding, Pod, Role, RoleRule, SigningRequest, StoredObject } from '../cluster.ts'

export function toClusterBinding({ metadata, roleRef, subjects }: V1ClusterRoleBinding): Binding {
  return {
    name: metadata?.name ?? '',
    namespace: null,
    roleKind: roleRef.kind,
    roleName: roleRef.name,
    subjects: (subjects ?? []).map(toSubject),
  }
}

export function toBinding(binding: V1RoleBinding): Binding {
  return { ...toClusterBinding(binding), namespace: binding.metadata?.namespace ?? '' }
}

function toSubject({ kind, name, namespace }: RbacV1Subject) {
  return { kind, name, namespace: namespace ?? '' }
}

export function toClusterRole({ metadata, rules, aggregationRule }: V1ClusterRole): Role {
  const aggregated = aggregationRule !== undefined && aggregationRule !== null
  return { name: metadata?.name ?? '', namespace: null, rules: (rules ?? []).map(toRule), aggregated }
}

export function toRole({ metadata, rules }: V1Role): Role {
  const namespace = metadata?.namespace ?? ''
  return { name: metadata?.name ?? '', namespace, rules: (rules ?? []).map(toRule), aggregated: false }
}

function toRule({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: V1PolicyRule): RoleRule {
  return {
    verbs,
    apiGroups: apiGroups ?? [],
    resources: resources ?? [],
    resourceNames: resourceNames ?? [],
    nonResourceURLs: nonResourceURLs ?? [],
  }
}

export function toSecret({ metadata, type, data }: V1Secret): StoredObject {
  const decoded = Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')])
  return { ...toStored(metadata), type: type ?? '', values: Object.fromEntries(decoded) }
}

export function toConfigMap({ metadata, data }: V1ConfigMap): StoredObject {
  return { ...toStored(metadata), type: '', values: data ?? {} }
}

function toStored(metadata: V1Secret['metadata']) {
  const { name = '', namespace = '', annotations = {} } = metadata ?? {}
  return { name, namespace, annotations }
}

export function toPod({ metadata, spec }: V1Pod): Pod {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const volumes = spec?.volumes ?? []
  return {
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    account: spec?.serviceAccountName ?? '',
    secrets: [
      ...volumes.flatMap(secretsOf),
      ...containers.flatMap(({ env = [] }) => named(env.map(each => each.valueFrom?.secretKeyRef?.name))),
      ...containers.flatMap(({ envFrom = [] }) => named(envFrom.map(each => each.secretRef?.name))),
    ],
    mountsApiToken: volumes.some(mountsApiToken),
  }
}

function secretsOf({ secret, projected }: V1Volume): readonly string[] {
  return named([secret?.secretName, ...(projected?.sources ?? []).map(source => source.secret?.name)])
}

/** A projected token without an audience is for the API server. */
function mountsApiToken({ projected }: V1Volume): boolean {
  return (projected?.sources ?? []).some(({ serviceAccountToken: token }) => token !== undefined && !token.audience)
}

function named(names: readonly (string | undefined)[]): readonly string[] {
  return names.filter(name => name !== undefined)
}

export function toSigningRequest({ metadata, spec, status }: V1CertificateSigningRequest): SigningRequest {
  const issued = status?.certificate ?? ''
  return {
    name: metadata?.name ?? '',
    signer: spec.signerName,
    requestedBy: spec.username ?? '',
    certificate: issued === '' ? null : Buffer.from(issued, 'base64').toString('utf8'),
  }
}

export function toReview({ user, groups }: AccessSubject, action: Action): V1SubjectAccessReview {
  const spec = { user, groups: [...groups] }
  if (action.kind === 'url') {
    return { spec: { ...spec, nonResourceAttributes: { verb: action.verb, path: action.path } } }
  }
  const [resource = '', subresource] = action.resource.split('/')
  const attributes = {
    verb: action.verb,
    group: action.group,
    resource,
    namespace: action.namespace,
    ...(subresource === undefined ? {} : { subresource }),
  }
  return { spec: { ...spec, resourceAttributes: attributes } }
}
