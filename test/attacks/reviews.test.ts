import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Lease } from '../../src/lease/lease.ts'
import { NO_TERMS } from '../../src/lease/scope/terms.ts'
import { bytesField, envelope } from '../request/object/a-protobuf.ts'
import { until } from '../support/until.ts'
import { patientRequest } from '../support/wire/patient-request.ts'
import type { RawAnswer } from '../support/wire/raw-request.ts'
import { aBoundary, type Boundary, type Template } from './a-boundary.ts'

const ACCESS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const RULES = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
const JSON_TYPE = 'application/json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const NUMBERS = { namespace: 1, verb: 2, group: 3, resource: 5, subresource: 6, name: 7 } as const

type Attributes = Partial<Record<keyof typeof NUMBERS, string>>

let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

function post(template: Template, path: string, type: string, body: string | Buffer): Promise<RawAnswer> {
  const headers = [
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Accept: application/cbor, */*',
  ]
  return boundary.send(template, `POST ${path}`, headers, body)
}

const asJson = (resourceAttributes: Attributes) => JSON.stringify({ spec: { resourceAttributes } })

function asProtobuf(attributes: Attributes): Buffer {
  const fields = Object.entries(attributes).map(([name, text]) =>
    bytesField(NUMBERS[name as keyof typeof NUMBERS], Buffer.from(text)),
  )
  return envelope(bytesField(2, bytesField(1, Buffer.concat(fields))))
}

/** Null where the API server was asked. */
function statusOf({ status, head, body }: RawAnswer): { allowed: boolean; reason: string } | null {
  if (boundary.upstream.received.length > 0) return null
  expect({ status, head }).toMatchObject({
    status: 201,
    head: expect.stringMatching(/content-type: application\/json/i),
  })
  return JSON.parse(body).status
}

describe('a review of what the boundary refuses', () => {
  test.each<{ template?: Template; asks: Attributes; says: RegExp }>([
    {
      asks: { namespace: 'other', verb: 'list', resource: 'pods' },
      says: /does not grant list on pods in namespace "other"/,
    },
    {
      asks: { namespace: 'dev', verb: 'create', resource: 'serviceaccounts', subresource: 'token' },
      says: /dangerous/,
    },
    {
      asks: { namespace: 'dev', verb: 'create', resource: 'rolebindings', group: 'rbac.authorization.k8s.io' },
      says: /dangerous/,
    },
    { asks: { namespace: 'dev', verb: 'get', resource: 'pods', subresource: 'proxy' }, says: /dangerous/ },
    { asks: { namespace: 'dev', verb: 'get', resource: 'nodes' }, says: /get on nodes in the whole cluster/ },
    { asks: { verb: 'delete', resource: 'namespaces', name: 'dev' }, says: /does not grant/ },
    { asks: { verb: 'list', resource: 'pods' }, says: /does not grant/ },
    { asks: { verb: 'delete', resource: 'pods' }, says: /does not grant/ },
    { asks: { namespace: 'dev', verb: '*', resource: '*', group: '*' }, says: /one at a time/ },
    { asks: { namespace: 'dev', verb: '*', resource: 'serviceaccounts', subresource: 'token' }, says: /dangerous/ },
    { template: 'reads', asks: { namespace: 'dev', verb: '*', resource: 'pods' }, says: /does not grant/ },
    {
      template: 'reads',
      asks: { namespace: 'dev', verb: 'create', resource: 'pods', subresource: 'exec' },
      says: /does not grant/,
    },
    {
      template: 'restarts',
      asks: { namespace: 'dev', verb: 'patch', group: 'apps', resource: 'deployments', name: 'web' },
      says: /fields|patches of/,
    },
  ])('$template $asks is a no that says why, in both encodings', async ({ template = 'everything', asks, says }) => {
    for (const answer of [
      await post(template, ACCESS, JSON_TYPE, asJson(asks)),
      await post(template, ACCESS, PROTOBUF, asProtobuf(asks)),
    ]) {
      expect(statusOf(answer)).toMatchObject({ allowed: false, denied: true, reason: expect.stringMatching(says) })
      expect(JSON.parse(answer.body)).toMatchObject({
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        spec: { resourceAttributes: asks },
      })
    }
  })

  test('of what cannot be read is a no as well', async () => {
    for (const [type, body] of [
      [JSON_TYPE, '{"spec":{"resourceAttributes":{"verb":"get","verb":"list"}}}'],
      ['application/cbor', 'x'],
    ] as const) {
      expect(statusOf(await post('everything', ACCESS, type, body))).toMatchObject({ allowed: false })
    }
  })

  test('of a path is judged as the path', async () => {
    const spec = { nonResourceAttributes: { path: '/metrics', verb: 'get' } }
    expect(statusOf(await post('everything', ACCESS, JSON_TYPE, JSON.stringify({ spec })))).toMatchObject({
      allowed: false,
    })
    const version = { nonResourceAttributes: { path: '/version', verb: 'get' } }
    expect(statusOf(await post('everything', ACCESS, JSON_TYPE, JSON.stringify({ spec: version })))).toBeNull()
  })

  test('is on record like any request, and says which row', async () => {
    const answer = await post(
      'everything',
      ACCESS,
      JSON_TYPE,
      asJson({ namespace: 'other', verb: 'get', resource: 'pods' }),
    )
    const auditId = /audit-id: (\S+)/i.exec(answer.head)?.[1]
    const seen = () => boundary.outcomes.find(({ key, phase }) => key?.auditId === auditId && phase === 'end')
    await until('the outcome', async () => seen() !== undefined)
    expect(seen()).toMatchObject({ status: 201, forwarded: false })
  })
})

describe('a review of what the lease lets through', () => {
  test.each<{ template?: Template; asks: Attributes }>([
    { template: 'reads', asks: { namespace: 'dev', verb: 'list', resource: 'pods' } },
    { asks: { namespace: 'dev', verb: 'create', resource: 'pods', subresource: 'exec' } },
    { asks: { namespace: 'dev', verb: 'create', resource: 'pods' } },
    { asks: { namespace: 'dev', verb: 'update', resource: 'deployments', group: 'apps' } },
    { asks: { namespace: 'dev', verb: 'get', group: 'example.org', resource: 'widgets' } },
    { asks: { verb: 'create', resource: 'selfsubjectaccessreviews', group: 'authorization.k8s.io' } },
  ])('$template $asks is for RBAC to answer', async ({ template = 'everything', asks }) => {
    expect(statusOf(await post(template, ACCESS, JSON_TYPE, asJson(asks)))).toBeNull()
    boundary.upstream.received.length = 0
    expect(statusOf(await post(template, ACCESS, PROTOBUF, asProtobuf(asks)))).toBeNull()
  })

  test('after a yes says so, also to clients that show no reason', async () => {
    const answer = await post(
      'everything',
      ACCESS,
      JSON_TYPE,
      asJson({ namespace: 'dev', verb: 'get', resource: 'secrets' }),
    )
    expect(statusOf(answer)).toMatchObject({ allowed: true, reason: expect.stringContaining('waits for an approver') })
    expect(answer.head).toMatch(/warning: 299 - "leasegate: waits for an approver: [^"]+"/i)
  })
})

describe('a review under budgets, and of what is watched', () => {
  const EXEC = { namespace: 'dev', verb: 'create', resource: 'pods', subresource: 'exec' }
  const SHELL = { verbs: ['create', 'get'], apiGroups: [''], resources: ['pods/exec'] }

  /** What is said to questions under a lease of its own. */
  async function under(given: Partial<Lease>) {
    const { token } = await boundary.token('everything', given)
    const send = (line: string, body: string) =>
      patientRequest(
        boundary.port,
        [
          ...[`${line} HTTP/1.1`, 'Host: boundary', `Authorization: Bearer ${token}`],
          ...[`Content-Type: ${JSON_TYPE}`, `Content-Length: ${body.length}`],
        ],
        body,
      )
    const canI = async (asks: Attributes) => {
      boundary.upstream.received.length = 0
      const answer = await send(`POST ${ACCESS}`, asJson(asks))
      return { ...statusOf(answer), head: answer.head }
    }
    const list = async () => {
      const { status } = JSON.parse((await send(`POST ${RULES}`, '{"spec":{"namespace":"dev"}}')).body)
      return status.resourceRules.slice(2)
    }
    return { send, canI, list }
  }

  test('a budget of none is a no with its name, and `--list` has no such verb', async () => {
    const { canI, list } = await under({ budgets: { deletes: 0, secretReads: 0 } })
    const spent = {
      allowed: false,
      denied: true,
      reason: expect.stringContaining('a budget of the lease is spent: deletes'),
    }
    expect(await canI({ namespace: 'dev', verb: 'delete', resource: 'pods' })).toMatchObject(spent)
    expect(await canI({ namespace: 'dev', verb: 'deletecollection', resource: 'pods' })).toMatchObject(spent)
    expect(await canI({ namespace: 'dev', verb: '*', resource: 'pods' })).toMatchObject(spent)
    expect(await canI({ namespace: 'dev', verb: 'get', resource: 'secrets' })).toMatchObject({
      allowed: false,
      reason: expect.stringContaining('spent: secretReads'),
    })
    expect(await canI({ namespace: 'dev', verb: 'patch', resource: 'pods' })).not.toHaveProperty('allowed')
    expect(await list()).toEqual([
      { verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'], apiGroups: ['*'], resources: ['*'] },
    ])
  })

  test('one that was spent is a no from then on, and asking takes nothing', async () => {
    const { canI, list, send } = await under({ budgets: { requests: 2, mutations: 1 } })
    const create = { namespace: 'dev', verb: 'create', resource: 'configmaps' }
    for (let times = 0; times < 4; times++) expect(await canI(create)).not.toHaveProperty('allowed')
    const made = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}'
    expect((await send('POST /api/v1/namespaces/dev/configmaps', made)).status).toBeLessThan(300)
    expect(await canI(create)).toMatchObject({ allowed: false, reason: expect.stringContaining('spent: mutations') })
    expect(await canI({ namespace: 'dev', verb: 'get', resource: 'configmaps' })).not.toHaveProperty('allowed')
    expect(await list()).toEqual([{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] }])
  })

  test('of objects it is a no for others than those that were changed', async () => {
    const { canI, send } = await under({ budgets: { objects: 1 } })
    const patch = (name: string) => canI({ namespace: 'dev', verb: 'patch', resource: 'configmaps', name })
    expect(await patch('a')).not.toHaveProperty('allowed')
    expect((await send('PUT /api/v1/namespaces/dev/configmaps/a', '{"metadata":{"name":"a"}}')).status).toBeLessThan(
      300,
    )
    expect(await patch('a')).not.toHaveProperty('allowed')
    expect(await patch('b')).toMatchObject({ allowed: false, reason: expect.stringContaining('spent: objects') })
  })

  test('where no question may be asked any more, what would ask is a no', async () => {
    const { canI } = await under({ budgets: { questions: 0 } })
    const secrets = await canI({ namespace: 'dev', verb: 'get', resource: 'secrets' })
    expect(secrets).toMatchObject({ allowed: false, reason: expect.stringContaining('spent: questions') })
  })

  test('a session that nobody watches is a yes that says so', async () => {
    const { canI } = await under({ terms: { ...NO_TERMS, watched: ['exec'] } })
    const told = await canI(EXEC)
    expect(told).toMatchObject({ allowed: true, reason: expect.stringContaining('only while an approver watches') })
    expect(told.head).toMatch(/warning: 299 - "leasegate: runs only while [^"]+leasegate sessions watch lse_/i)
  })

  test('`--list` names nothing that is a no by itself', async () => {
    const rule = { ...NO_RULE, namespaces: ['dev'] }
    const { list, canI } = await under({
      scope: [
        { ...rule, ...SHELL, commands: [['id']] },
        {
          ...rule,
          verbs: ['get', 'patch'],
          apiGroups: ['apps'],
          resources: ['deployments'],
          fields: ['spec.replicas'],
        },
        { ...rule, verbs: ['get', 'create'], apiGroups: [''], resources: ['pods', 'serviceaccounts/token'] },
        { ...rule, verbs: ['delete'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a', 'b'] },
      ],
    })
    const rules = await list()
    expect(rules).toEqual([
      { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] },
      { verbs: ['get', 'create'], apiGroups: [''], resources: ['pods'] },
      { verbs: ['get'], apiGroups: [''], resources: ['serviceaccounts/token'] },
      { verbs: ['delete'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a', 'b'] },
    ])
    const deployments = { namespace: 'dev', group: 'apps', resource: 'deployments' }
    expect(await canI({ ...deployments, verb: 'get' })).not.toHaveProperty('allowed')
    expect(await canI({ ...deployments, verb: 'patch' })).toMatchObject({ allowed: false })
    expect(await canI(EXEC)).toMatchObject({ allowed: false })
    expect(await canI({ namespace: 'dev', verb: 'create', resource: 'pods' })).not.toHaveProperty('allowed')
  })
})

const NO_RULE = {
  ...{ verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] },
  ...{ commands: [], stdin: false, fields: [] },
}

describe('what is no review of oneself', () => {
  test.each([
    { path: ACCESS, body: '{}' },
    { path: ACCESS, body: '{"spec":{}}' },
    { path: ACCESS, body: '{"spec":{"resourceAttributes":{},"nonResourceAttributes":{}}}' },
    { path: RULES, body: '{"spec":{}}' },
    { path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: '{}' },
  ])('$path $body is left to the API server', async ({ path, body }) => {
    expect(statusOf(await post('everything', path, JSON_TYPE, body))).toBeNull()
  })
})

describe('a review of rules', () => {
  const rulesOf = async (template: Template, namespace: string) => {
    const answer = await post(template, RULES, JSON_TYPE, JSON.stringify({ spec: { namespace } }))
    expect(boundary.upstream.received).toEqual([])
    return JSON.parse(answer.body).status
  }

  test("names the lease's", async () => {
    const status = await rulesOf('reads', 'dev')
    expect(status).toMatchObject({ incomplete: true, evaluationError: expect.stringContaining('RBAC decides behind') })
    const verbs = ['get', 'list']
    expect(status.resourceRules).toContainEqual({ verbs, apiGroups: [''], resources: ['pods', 'pods/log', 'services'] })
  })

  test('and none where it has none', async () => {
    const { resourceRules } = await rulesOf('everything', 'other')
    expect(resourceRules.flatMap(({ resources }: { resources: string[] }) => resources)).not.toContain('*')
  })
})
