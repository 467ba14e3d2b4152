import type { Rule } from '../../../src/lease/lease.ts'
import { covers } from '../../../src/lease/scope/scope.ts'
import type { Use } from '../../../src/policy/suggest/use.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import type { Sent } from '../a-request.ts'

export const RULE: Rule = {
  verbs: ['*'],
  apiGroups: ['*'],
  resources: ['*'],
  resourceNames: [],
  namespaces: ['*'],
  nonResourceURLs: [],
  commands: [],
  stdin: true,
  fields: [],
}
export const CLUSTER: Rule = { ...RULE, namespaces: [] }
export const URLS: Rule = { ...CLUSTER, apiGroups: [], resources: [], nonResourceURLs: ['*'] }
export const NAMESPACES: Rule = { ...CLUSTER, resources: ['namespaces'] }
export const EXEC: Rule = {
  ...RULE,
  verbs: ['create'],
  apiGroups: [''],
  resources: ['pods/exec'],
  namespaces: ['shop'],
}
export const WIDE = [RULE, CLUSTER, URLS, NAMESPACES]

/** What the record has of a request that this scope allowed. */
export function used(request: ApiRequest, scope: readonly Rule[] = WIDE): Use {
  const covered = covers(scope, request)
  if (covered === null) throw new Error(`${request.method} ${request.path} is not covered`)
  const { verb, apiGroup, resource, subresource, namespace, name, isResourceRequest } = request.info
  return {
    verb,
    apiGroup,
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    url: isResourceRequest ? '' : request.path,
    command: request.stream?.command ?? [],
    stdin: request.stream?.stdin ?? false,
    covered: covered.rule.split(', ').map(part => {
      const [, number, verbs = ''] = /^rule (\d+)(?:: (.+))?$/.exec(part) ?? []
      return { rule: scope[Number(number) - 1] as Rule, verbs: verbs.split(' ').filter(verb => verb !== '') }
    }),
    requests: 1,
  }
}

export const MERGE: Sent = { contentType: 'application/merge-patch+json', body: '{"spec":{"replicas":2}}' }
