import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkPolicy, describeWarning } from '../../src/policy/check.ts'
import { judge } from '../../src/policy/judge/judge.ts'
import { describeProblems, parsePolicy } from '../../src/policy/load/policy-file.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { HttpRequest } from '../../src/request/http-request.ts'
import { leaseOf } from '../policy/a-policy.ts'
import { read, WEBSOCKET } from '../request/a-http-request.ts'

const PAGE = readFileSync(new URL('../../docs/templates.md', import.meta.url), 'utf8')
const TEMPLATES = [...PAGE.matchAll(/^## .+\n[\s\S]*?```yaml\n([\s\S]*?)```/gm)].map(([, text = '']) => text)

/** What stands around a template in a policy file. */
const AROUND = `boundaryNamespace: leasegate
productionNamespaces: [shop]
issuers:
  - {name: corp, issuer: https://corp.example, audience: leasegate, jwks: {file: keys.json}}
agents:
  - {name: web-operator, issuer: corp, claims: {sub: web-operator}, sponsor: ada@corp.example}
people:
  - {name: grace, issuer: corp, claims: {sub: grace}, roles: [approver, admin]}
  - {name: hana, issuer: corp, claims: {sub: hana}, roles: [approver]}
groups:
  - {name: on-call, members: [grace, hana]}
templates:
`

const APPS = '/apis/apps/v1/namespaces/shop'
const CORE = '/api/v1/namespaces/shop'
const DEV = '/api/v1/namespaces/shop-dev'

type Becomes = 'allow' | 'approval' | 'deny'
interface Sent {
  readonly type: string
  readonly body: object
}

const merge = (body: object): Sent => ({ type: 'application/merge-patch+json', body })
const strategic = (body: object): Sent => ({ type: 'application/strategic-merge-patch+json', body })
const json = (body: object): Sent => ({ type: 'application/json-patch+json', body })
const plain = (body: object): Sent => ({ type: 'application/json', body })

const restartedAt = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-29T10:00:00Z' } } }
const image = { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } } }
const imageOf = (image: string, more: object = {}) => ({
  spec: {
    template: {
      spec: { '$setElementOrder/containers': [{ name: 'web' }], containers: [{ name: 'web', image, ...more }] },
    },
  },
})
const undo = [
  {
    op: 'replace',
    path: '/spec/template',
    value: { metadata: {}, spec: { containers: [{ name: 'web', image: 'a' }] } },
  },
  { op: 'replace', path: '/metadata/annotations', value: { 'deployment.kubernetes.io/revision': '1' } },
]
const exec = (pod: string, ...command: string[]) =>
  `GET ${pod}/exec?${command.map(each => `command=${each}`).join('&')}&stdout=true`

/** As kubectl and Helm send them; and what lies beside the task. */
const TRIED: Readonly<Record<string, readonly (readonly [Becomes, string, Sent?])[]>> = {
  'restart-web': [
    ['allow', `GET ${APPS}/deployments/web`],
    ['allow', `PATCH ${APPS}/deployments/web`, strategic({ spec: { template: restartedAt } })],
    ['deny', `PATCH ${APPS}/deployments/web`, strategic(image)],
    ['deny', `PATCH ${APPS}/deployments/other`, strategic({ spec: { template: restartedAt } })],
  ],
  'scale-web': [
    ['allow', `GET ${APPS}/deployments/web`],
    ['allow', `PATCH ${APPS}/deployments/web/scale`, merge({ spec: { replicas: 5 } })],
    ['deny', `PATCH ${APPS}/deployments/web`, merge({ spec: { replicas: 5 } })],
    ['deny', `PATCH ${APPS}/deployments/web/scale`, merge({ spec: { replicas: 11 } })],
    ['deny', `PATCH ${APPS}/deployments/other/scale`, merge({ spec: { replicas: 0 } })],
  ],
  'deploy-web': [
    ['approval', `PATCH ${APPS}/deployments/web`, strategic(imageOf('registry.corp/web:7'))],
    ['deny', `PATCH ${APPS}/deployments/web`, strategic(image)],
    ['deny', `PATCH ${APPS}/deployments/web`, strategic(imageOf('registry.corp/other:7'))],
    ['deny', `PATCH ${APPS}/deployments/web`, strategic(imageOf('registry.corp/web:7', { command: ['sh'] }))],
    ['deny', `PATCH ${APPS}/deployments/web`, strategic({ spec: { template: restartedAt } })],
  ],
  'roll-back-web': [
    ['allow', `GET ${APPS}/replicasets?labelSelector=app%3Dweb`],
    ['approval', `PATCH ${APPS}/deployments/web`, json(undo)],
    ['deny', `PATCH ${APPS}/deployments/web`, json([{ op: 'replace', path: '/spec/replicas', value: 0 }])],
  ],
  triage: [
    ['allow', `GET ${CORE}/pods`],
    ['allow', `GET ${CORE}/pods/web-1/log?follow=true`],
    ['allow', 'GET /api/v1/nodes'],
    ['allow', 'GET /apis/batch/v1/namespaces/shop/jobs'],
    ['deny', `GET ${CORE}/secrets`],
    ['deny', `GET ${CORE}/configmaps/settings`],
    ['deny', `DELETE ${CORE}/pods/web-1`],
    ['deny', exec(`${CORE}/pods/web-1`, 'env')],
  ],
  'read-logs': [
    ['allow', `GET ${DEV}/pods/web-1/log?container=web&follow=true`],
    ['allow', `GET ${DEV}/pods?labelSelector=app%3Dweb`],
    ['deny', `GET ${CORE}/pods/web-1/log`],
    ['deny', exec(`${DEV}/pods/web-1`, 'cat', '/var/log/web.log')],
  ],
  'look-into': [
    ['allow', exec(`${DEV}/pods/web-1`, 'df', '-h')],
    ['approval', exec(`${CORE}/pods/web-1`, 'df', '-h')],
    ['deny', exec(`${DEV}/pods/web-1`, 'sh')],
    ['deny', exec(`${DEV}/pods/web-1`, 'df', '-h', '/')],
  ],
  'apply-chart': [
    ['allow', `GET ${DEV}/configmaps?labelSelector=owner%3Dhelm%2Cname%3Dweb`],
    [
      'allow',
      `POST ${DEV}/configmaps`,
      plain({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'sh.helm.v1' } }),
    ],
    ['allow', 'PATCH /apis/apps/v1/namespaces/shop-dev/deployments/web', strategic(image)],
    ['deny', `GET ${DEV}/secrets?labelSelector=owner%3Dhelm`],
    ['deny', `PATCH ${APPS}/deployments/web`, strategic(image)],
    ['deny', `POST /apis/rbac.authorization.k8s.io/v1/namespaces/shop-dev/roles`, plain({ kind: 'Role' })],
  ],
  'clean-up-jobs': [
    ['allow', 'GET /apis/batch/v1/namespaces/shop/jobs'],
    ['allow', 'DELETE /apis/batch/v1/namespaces/shop/jobs/old', plain({ propagationPolicy: 'Background' })],
    ['deny', 'DELETE /apis/batch/v1/namespaces/shop/jobs'],
    ['deny', 'DELETE /apis/batch/v1/namespaces/shop/cronjobs/old'],
  ],
  'rotate-db': [
    ['approval', `GET ${CORE}/secrets/db`],
    ['approval', `PATCH ${CORE}/secrets/db`, strategic({ stringData: { password: 'new' } })],
    ['deny', `GET ${CORE}/secrets`],
    ['deny', `GET ${CORE}/secrets/other`],
  ],
  'break-glass': [
    ['allow', `GET ${CORE}/pods`],
    ['approval', `DELETE ${CORE}/pods/web-1`],
    ['approval', `GET ${CORE}/secrets/db`],
    ['approval', exec(`${CORE}/pods/web-1`, 'sh')],
    ['deny', 'DELETE /api/v1/namespaces/shop'],
    [
      'deny',
      `POST ${CORE}/serviceaccounts/default/token`,
      plain({ kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1' }),
    ],
    ['deny', `GET ${DEV}/pods`],
  ],
}

/** Warnings that stand on the page in other words. */
const SAID: Readonly<Record<string, RegExp>> = { 'apply-chart': /create on deployments runs any image/ }

function policyWith(template: string): Policy {
  const parsed = parsePolicy(`${AROUND}${template.replace(/^/gm, '  ')}`, 'policy.yaml')
  if (parsed.kind === 'problems') throw new Error(describeProblems(parsed.problems, 'policy.yaml'))
  return parsed.policy
}

const POLICIES = new Map(TEMPLATES.map(text => [policyWith(text).templates[0]?.name ?? '', policyWith(text)]))

function judged(name: string, request: string, sent?: Sent): string {
  const policy = POLICIES.get(name)
  const template = policy?.templates[0]
  if (policy === undefined || template === undefined) throw new Error(`docs/templates.md has no ${name}`)
  const given: Partial<HttpRequest> = {
    ...(request.includes('/exec?') ? { headers: [...WEBSOCKET] } : {}),
    ...(sent && { headers: [['content-type', sent.type]], body: Buffer.from(JSON.stringify(sent.body)) }),
  }
  return judge({ request: read(request, given), lease: leaseOf(template), policy }).kind
}

describe('the templates of docs/templates.md', () => {
  test('are eleven, and each is tried', () => {
    expect(POLICIES.size).toBe(11)
    expect([...POLICIES.keys()]).toEqual(Object.keys(TRIED))
  })

  test.each([...POLICIES])('%s: policy check warns of nothing that the page does not say', (name, policy) => {
    const warned = checkPolicy(policy).map(describeWarning)
    expect(warned.filter(text => !(SAID[name] ?? /^$/).test(text))).toEqual([])
  })

  const requests = Object.entries(TRIED).flatMap(([name, rows]) =>
    rows.map(([becomes, request, sent]) => ({ name, becomes, request, sent })),
  )
  test.each(requests)('$name: $becomes $request', ({ name, becomes, request, sent }) => {
    expect(judged(name, request, sent)).toBe(becomes)
  })
})
