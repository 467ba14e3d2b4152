import type { PolicyRule, RbacObject } from '../../../src/policy/rbac/objects.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'

/** Kubernetes' RBAC authorizer in small: whether the objects grant this verb of the request to the subject. */
export function rbacAllows(
  objects: readonly RbacObject[],
  subject: string,
  verb: string,
  request: ApiRequest,
): boolean {
  const { info } = request
  return objects.some(object => {
    if (object.kind === 'ClusterRole' || !object.subjects.some(({ name }) => name === subject)) return false
    if (object.kind === 'RoleBinding' && object.metadata.namespace !== info.namespace) return false
    const role = objects.find(one => one.kind === 'ClusterRole' && one.metadata.name === object.roleRef.name)
    return role?.kind === 'ClusterRole' && role.rules.some(rule => ruleAllows(rule, verb, request))
  })
}

function ruleAllows(rule: PolicyRule, verb: string, { info, path }: ApiRequest): boolean {
  const has = (list: readonly string[] | undefined, value: string) =>
    (list ?? []).some(one => one === '*' || one === value)
  if (!has(rule.verbs, verb)) return false
  if (!info.isResourceRequest) {
    return (rule.nonResourceURLs ?? []).some(url =>
      url.endsWith('*') ? path.startsWith(url.replace(/\*+$/, '')) : url === path,
    )
  }
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`
  const bySubresource = info.subresource !== '' && (rule.resources ?? []).includes(`*/${info.subresource}`)
  const names = rule.resourceNames ?? []
  return (
    has(rule.apiGroups, info.apiGroup) &&
    (has(rule.resources, resource) || bySubresource) &&
    (names.length === 0 || names.includes(info.name))
  )
}
