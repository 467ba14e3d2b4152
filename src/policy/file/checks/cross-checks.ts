import { unfitServerUrl } from '../../../support/net/server-url.ts'
import { ON_CALL } from '../../notify.ts'
import { placesIn } from '../../template/parameters.ts'
import { suggest } from '../issues/suggest.ts'
import { fieldOf, listIn, textIn, textsIn } from '../values/loose.ts'
import type { Found } from '../values/names.ts'
import { riskRuleProblems } from './rule-checks.ts'

/** What is wrong between the fields of one part. Looks at the file as it is, so that other mistakes do not hide these. */
export function crossChecks(raw: unknown): readonly Found[] {
  return [
    ...listIn(raw, 'issuers').flatMap((issuer, index) => [
      ...unnamedIssuer(issuer, ['issuers', index, 'issuer']),
      ...jwksProblems(issuer, ['issuers', index, 'jwks']),
      ...reviewProblems(issuer, ['issuers', index, 'tokenReview']),
      ...loginProblems(issuer, listIn(raw, 'issuers'), ['issuers', index, 'login']),
    ]),
    ...listIn(raw, 'groups').flatMap((group, index) => groupProblems(group, ['groups', index])),
    ...onCallProblems(fieldOf(raw, 'notify')),
    ...riskRuleProblems(raw),
    ...ticketProblems(raw),
    ...listIn(raw, 'templates').flatMap((template, index) => [
      ...listIn(template, 'grants').flatMap((grant, at) => grantProblems(grant, ['templates', index, 'grants', at])),
      ...listIn(template, 'rules').flatMap((rule, at) => ruleProblems(rule, ['templates', index, 'rules', at])),
      ...skipsAndRequires(template, index),
      ...unknownPlaces(template, index),
    ]),
  ]
}

/** A token leads to its issuer by one of them. */
function unnamedIssuer(issuer: unknown, path: Found['path']): readonly Found[] {
  const isNamed = ['issuer', 'trustDomain'].some(field => fieldOf(issuer, field) !== undefined)
  return isNamed ? [] : [{ path, message: 'is missing (JWT-SVIDs have trustDomain instead)' }]
}

/** People are sent to the issuer, and its identity tokens must lead to one entry. */
function loginProblems(issuer: unknown, all: readonly unknown[], path: Found['path']): readonly Found[] {
  const clientId = textIn(fieldOf(issuer, 'login'), 'clientId')
  if (clientId === null) return []
  const iss = textIn(issuer, 'issuer')
  const unfit = iss === null ? 'be named by issuer' : unfitServerUrl(iss)
  if (unfit !== null) return [{ path, message: `wants an issuer that can be asked: its issuer must ${unfit}` }]
  const others = all.filter(one => one !== issuer && textIn(one, 'issuer') === iss)
  const isTaken = others.some(
    one => textIn(one, 'audience') === clientId || textIn(fieldOf(one, 'login'), 'clientId') === clientId,
  )
  return isTaken ? [{ path: [...path, 'clientId'], message: 'is what another entry of this issuer has' }] : []
}

function jwksProblems(issuer: unknown, path: Found['path']): readonly Found[] {
  const jwks = fieldOf(issuer, 'jwks')
  if (typeof jwks !== 'object' || jwks === null) return []
  const sources = ['file', 'url', 'cluster'].filter(field => fieldOf(jwks, field) !== undefined)
  if (sources.length !== 1) return [{ path, message: 'must have one of file, url and cluster' }]
  if (sources[0] === 'url') return []
  return ['caFile', 'tokenFile']
    .filter(field => fieldOf(jwks, field) !== undefined)
    .map(field => ({ path: [...path, field], message: 'has a meaning only beside url' }))
}

/** No other API server than that of this cluster is asked. */
function reviewProblems(issuer: unknown, path: Found['path']): readonly Found[] {
  if (fieldOf(issuer, 'tokenReview') === undefined || fieldOf(fieldOf(issuer, 'jwks'), 'cluster') === true) return []
  return [{ path, message: 'has a meaning only with jwks: {cluster: true}' }]
}

/** Whoever is on call is known from `onCall` alone. */
function onCallProblems(notify: unknown): readonly Found[] {
  const named = listIn(notify, 'receivers').flatMap((one, index) =>
    textIn(one, 'name') === ON_CALL
      ? [{ path: ['notify', 'receivers', index, 'name'], message: 'must be another: on-call is whoever onCall says' }]
      : [],
  )
  if (fieldOf(notify, 'onCall') !== undefined) return named
  const told = [
    ...textsIn(notify, 'tell').map((name, at) => ({ name, path: ['tell', at] })),
    ...listIn(notify, 'escalate').flatMap((step, index) =>
      textsIn(step, 'tell').map((name, at) => ({ name, path: ['escalate', index, 'tell', at] })),
    ),
    { name: textIn(fieldOf(notify, 'quietHours'), 'tell'), path: ['quietHours', 'tell'] },
  ]
  const asked = told.filter(({ name }) => name === ON_CALL)
  return [...named, ...asked.map(({ path }) => ({ path: ['notify', ...path], message: 'wants onCall beside it' }))]
}

/** Somebody has to know which tickets are open. */
function ticketProblems(raw: unknown): readonly Found[] {
  if (fieldOf(raw, 'tickets') !== undefined) return []
  return listIn(raw, 'templates').flatMap((template, index) =>
    fieldOf(fieldOf(template, 'ticket'), 'open') === true
      ? [
          {
            path: ['templates', index, 'ticket', 'open'],
            message: 'wants tickets in the policy: where they are looked up',
          },
        ]
      : [],
  )
}

/** An empty group is a mistake, and claims say nothing without whose they are. */
function groupProblems(group: unknown, path: Found['path']): readonly Found[] {
  const [issuer, claims] = ['issuer', 'claims'].map(field => fieldOf(group, field) !== undefined)
  if (issuer !== claims) return [{ path, message: 'must have issuer and claims together' }]
  return claims || listIn(group, 'members').length > 0
    ? []
    : [{ path, message: 'must have members, or issuer and claims' }]
}

function grantProblems(grant: unknown, path: Found['path']): readonly Found[] {
  const namespaces = textsIn(grant, 'namespaces')
  const isMixed = namespaces.includes('*') && namespaces.length > 1
  const to = textsIn(fieldOf(grant, 'delegation'), 'to').indexOf(textIn(grant, 'agent') ?? '')
  return [
    ...(isMixed
      ? [{ path: [...path, 'namespaces'], message: 'must have "*" alone: it stands for every namespace' }]
      : []),
    ...(to < 0
      ? []
      : [{ path: [...path, 'delegation', 'to', to], message: 'must be another agent than that of the grant' }]),
  ]
}

function ruleProblems(rule: unknown, path: Found['path']): readonly Found[] {
  const problems: Found[] = []
  const say = (field: string, message: string) =>
    problems.push({ path: field === '' ? path : [...path, field], message })
  const cluster = textIn(rule, 'scope') === 'cluster'
  const resources = textsIn(rule, 'resources')
  const has = (field: string) => listIn(rule, field).length > 0

  if (has('resources') === has('nonResourceURLs')) say('', 'must have either resources or nonResourceURLs')
  if (has('resources') && !has('apiGroups')) say('', 'must have apiGroups beside resources: [""] for the core group')
  if (has('nonResourceURLs') && !cluster) say('nonResourceURLs', 'want a rule with scope: cluster')
  if (has('nonResourceURLs') && has('resourceNames')) say('resourceNames', 'mean nothing beside nonResourceURLs')
  const ofKubernetes = textsIn(rule, 'apiGroups').some(group => ['', '*', 'core'].includes(group))
  if (!cluster && ofKubernetes && resources.some(one => one.split('/')[0] === 'namespaces')) {
    say('resources', 'must not have namespaces here: they are cluster-scoped and want a rule with scope: cluster')
  }
  if (has('commands') && !resources.some(one => one === '*' || one === 'pods/exec' || one === '*/exec')) {
    say('commands', 'mean nothing in a rule without pods/exec')
  }
  if (fieldOf(rule, 'stdin') === true && !has('commands'))
    say('stdin', 'means nothing without commands: any exec may have input')
  if (fieldOf(rule, 'metadataOnly') !== undefined && textsIn(rule, 'apiGroups').some(group => group !== ''))
    say('metadataOnly', 'has a meaning for the core group alone, where Secrets and ConfigMaps are')
  for (const selector of ['labelSelector', 'fieldSelector'])
    if (fieldOf(rule, selector) !== undefined && !has('resources'))
      say(selector, 'means nothing in a rule without resources')
  if (has('fields') && !has('resources')) say('fields', 'mean nothing in a rule without resources')
  return problems
}

/** Nothing is called so, and whoever writes it means a parameter. */
function unknownPlaces(template: unknown, index: number): readonly Found[] {
  const parameters = fieldOf(template, 'parameters')
  const known = typeof parameters === 'object' && parameters !== null ? Object.keys(parameters) : []
  return listIn(template, 'rules').flatMap((rule, at) =>
    placesIn({ resourceNames: textsIn(rule, 'resourceNames') })
      .filter(name => !known.includes(name))
      .map(name => ({
        path: ['templates', index, 'rules', at, 'resourceNames'],
        message: `have {${name}} in them, which is no parameter of this template${suggest(name, known)}`,
      })),
  )
}

function skipsAndRequires(template: unknown, index: number): readonly Found[] {
  const approval = fieldOf(template, 'approval')
  const risks = fieldOf(approval, 'risks')
  const required = textsIn(approval, 'require')
  const named = typeof risks === 'object' && risks !== null ? Object.keys(risks) : []
  return textsIn(approval, 'skip').flatMap((risk, at) =>
    required.includes(risk) || named.includes(risk)
      ? [
          {
            path: ['templates', index, 'approval', 'skip', at],
            message: `"${risk}" is also under ${required.includes(risk) ? 'require' : 'risks'}`,
          },
        ]
      : [],
  )
}
