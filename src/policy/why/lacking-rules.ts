import type { Lease, Rule } from '../../lease/lease.ts'
import { grants } from '../../lease/scope/scope.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { knownResource } from '../known-resources.ts'
import { type Suggestion, suggestRules } from '../suggest/suggest-rules.ts'
import type { Use } from '../suggest/use.ts'

/** The smallest rules that a template of the agent would need for this request beside what the lease has. */
export function lackingRules(request: ApiRequest, lease: Lease): Suggestion {
  const lacking = request.verbs.filter(verb => verb !== '' && !lease.scope.some(rule => grants(rule, verb, request)))
  return suggestRules([{ ...toUse(request), covered: [{ rule: ruleAt(request), verbs: lacking }] }])
}

function toUse({ info, path, stream, inNamespace }: ApiRequest): Omit<Use, 'covered'> {
  const { verb, apiGroup, resource, subresource, namespace, name, isResourceRequest } = info
  return {
    verb,
    apiGroup,
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    namespace: inNamespace ? namespace : '',
    name,
    url: isResourceRequest ? '' : path,
    command: stream?.command ?? [],
    stdin: stream?.stdin ?? false,
    requests: 1,
  }
}

/** Null of names and commands: what is wanted is told by the request. */
function ruleAt(request: ApiRequest): Rule {
  const nothing = { resourceNames: [], nonResourceURLs: [], commands: [], stdin: false, fields: [] }
  return { verbs: [], apiGroups: [], resources: [], ...nothing, namespaces: namespacesOf(request) }
}

/** A list over all namespaces wants a rule for every one. */
function namespacesOf({ info, inNamespace }: ApiRequest): readonly string[] {
  if (inNamespace) return [info.namespace]
  const known = info.isResourceRequest ? knownResource(info.resource) : null
  const isOverAll = known?.namespaced === true && known.groups.includes(info.apiGroup) && info.name === ''
  return isOverAll ? ['*'] : []
}
