import { covers } from '../../lease/scope.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import type { Policy, TaskTemplate } from '../policy.ts'
import { risksOf, unnamedDanger } from '../risk/risks.ts'
import { issueScope } from './issue-scope.ts'

/** A hint needs no body: it is taken for one without anything dangerous in it. */
const PLAIN_OBJECT: ApiRequest['object'] = { kind: 'plain', value: {} }

/** Templates by which the agent could get a lease that covers the request, in the order of the policy file. */
export function templatesThatWouldAllow(policy: Policy, agent: string, request: ApiRequest): readonly string[] {
  const hinted = { ...request, object: PLAIN_OBJECT }
  return policy.templates
    .filter(template => wouldCover(template, agent, request))
    .filter(template => unnamedDanger(risksOf({ request: hinted, policy, terms: template }), template) === null)
    .map(template => template.name)
}

function wouldCover(template: TaskTemplate, agent: string, request: ApiRequest): boolean {
  const grant = template.grants.find(one => one.agent === agent)
  return grant !== undefined && covers(issueScope(template, grant.namespaces), request) !== null
}
