import { judge } from '../../../src/policy/judge/judge.ts'
import type { Verdict } from '../../../src/policy/judge/verdict.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import { leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'
import { aFile, thePolicy } from './a-file.ts'

const MERGE = 'application/merge-patch+json'
export const STRATEGIC = 'application/strategic-merge-patch+json'
export const RULES = `
  - {id: prod-image, tier: critical, why: changes the image of what serves, verbs: [update, patch], apiGroups: [apps], resources: [deployments], namespaceClass: production, changes: [image]}
  - {id: note, tier: low, why: writes annotations and nothing else, verbs: [patch], apiGroups: [apps], resources: [deployments], changesOnly: [annotations], replaces: [workload-write]}
  - {id: many-deletes, tier: critical, why: deletes ten objects or more, changes: [deletes], minObjects: 10}
  - {id: logs-of-web, tier: medium, why: reads what customers typed, verbs: [get], apiGroups: [''], resources: [pods/log], resourceNames: [web-*]}
  - {id: pods-log, tier: high, why: reads logs}`
export const TIERED = '{tiers: {high: ask, critical: {people: 2, groups: [oncall]}}}'

export const web = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/web`
const image = { spec: { template: { spec: { containers: [{ name: 'web', image: 'b' }] } } } }
export const setImage = (namespace = 'shop') =>
  aRequest(`PATCH ${web(namespace)}`, { contentType: STRATEGIC, body: JSON.stringify(image) })
export const annotate = (more: object = {}, namespace = 'shop') =>
  aRequest(`PATCH ${web(namespace)}`, {
    contentType: MERGE,
    body: JSON.stringify({ metadata: { annotations: { a: 'b' } }, ...more }),
  })
export const deleteAll = aRequest('DELETE /api/v1/namespaces/shop/configmaps?labelSelector=a%3Db')

export function judged(request: ApiRequest, today: Policy, issued = today): Verdict {
  const [template] = issued.templates
  if (template === undefined) throw new Error('no template')
  return judge({ request, lease: leaseOf(template), policy: today })
}

export const policy = thePolicy(aFile(RULES, TIERED))
export const plain = thePolicy(aFile('[]', TIERED))
