import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { podSecurityFixtures } from '../policy/pods/pod-security-fixtures.ts'
import { toProtobuf } from '../policy/pods/to-protobuf.ts'
import type { RawAnswer } from '../support/wire/raw-request.ts'
import { aBoundary, type Boundary, type Template } from './a-boundary.ts'

const PODS = '/api/v1/namespaces/dev/pods'
const WEB = '/apis/apps/v1/namespaces/dev/deployments/web'
const REVISIONS = '/apis/apps/v1/namespaces/dev/controllerrevisions'
const SECRETS = '/api/v1/namespaces/dev/secrets'
const JSON_TYPE = 'application/json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const MERGE = 'application/merge-patch+json'
const STEPS = 'application/json-patch+json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

const fixtures = await podSecurityFixtures()
let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

function sent(template: Template, line: string, type: string, body: object | Buffer): Promise<RawAnswer> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
  return boundary.send(template, line, [`Content-Type: ${type}`, `Content-Length: ${bytes.length}`], bytes)
}

function reasonOf({ status, body }: RawAnswer): string {
  return status === 200 ? 'allowed' : JSON.parse(body).details.causes[0].reason
}

/** Nobody answers: it is enough that it waits, and that nothing of it arrives. */
async function isAsked(template: Template, line: string, type: string, body: object): Promise<void> {
  const from = boundary.upstream.received.length
  const answer = await sent(template, line, type, body)
  expect([answer.status, reasonOf(answer)]).toEqual([429, 'approval-pending'])
  expect(boundary.upstream.received.length).toBe(from)
}

const inTemplate = (spec: object) => ({ spec: { template: { spec } } })

describe("Kubernetes' own pods beyond the baseline", () => {
  test('do not pass, whatever they are sent as; those within it do', async () => {
    for (const { name, passes, pod } of fixtures) {
      const answers = [
        await sent('everything', `POST ${PODS}`, JSON_TYPE, pod),
        await sent('everything', `POST ${PODS}`, PROTOBUF, toProtobuf('pods', pod)),
        await sent('everything', `PATCH ${WEB}`, STRATEGIC, { spec: { template: pod } }),
      ]
      const want = passes ? ['allowed', 'allowed', 'allowed'] : ['dangerous', 'dangerous', 'dangerous']
      // A Secret that a volume holds wants a yes, and is not what is tried here.
      if (!name.includes('pass/restrictedvolumes'))
        expect({ name, reasons: answers.map(reasonOf) }).toEqual({ name, reasons: want })
    }
    const arrived = boundary.upstream.received.map(({ body }) => body.toString())
    expect(arrived.filter(body => /hostPath|SYS_ADMIN|Unconfined|"hostPort":[1-9]/.test(body))).toEqual([])
  })
})

describe('a revision of a controller, of which it makes pods', () => {
  const data = inTemplate({ hostPID: true, containers: [{ name: 'c', image: 'i' }] })

  test.each([
    { line: `POST ${REVISIONS}`, type: JSON_TYPE, body: { data, revision: 1 } },
    { line: `POST ${REVISIONS}`, type: JSON_TYPE, body: { data: inTemplate({ containers: [] }), revision: 1 } },
    { line: `PUT ${REVISIONS}/web-1`, type: JSON_TYPE, body: { data, revision: 1 } },
    { line: `PATCH ${REVISIONS}/web-1`, type: MERGE, body: { revision: 9 } },
    { line: `PATCH ${REVISIONS}/web-1`, type: STEPS, body: [{ op: 'add', path: '/metadata/labels/a', value: 'b' }] },
    { line: `POST ${REVISIONS}`, type: PROTOBUF, body: Buffer.from('k8s\0') },
  ])('$line as $type is dangerous', async ({ line, type, body }) => {
    expect(reasonOf(await sent('everything', line, type, body))).toBe('dangerous')
    expect(boundary.upstream.received).toEqual([])
  })
})

describe('a Secret that is handed to pods', () => {
  test.each([
    {
      line: `POST ${PODS}`,
      type: JSON_TYPE,
      body: { spec: { containers: [{ envFrom: [{ secretRef: { name: 'db' } }] }] } },
    },
    {
      line: `PATCH ${WEB}`,
      type: STRATEGIC,
      body: inTemplate({ volumes: [{ name: 'v', secret: { secretName: 'db' } }] }),
    },
    {
      line: `PATCH ${WEB}`,
      type: STEPS,
      body: [{ op: 'add', path: '/spec/template/spec/imagePullSecrets', value: [{ name: 'db' }] }],
    },
    {
      line: 'POST /apis/argoproj.io/v1alpha1/namespaces/dev/rollouts',
      type: JSON_TYPE,
      body: inTemplate({
        containers: [{ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'p' } } }] }],
      }),
    },
  ])('waits for a yes: $line as $type', ({ line, type, body }) => isAsked('everything', line, type, body))
})

describe('what runs in pods that are there', () => {
  const inContainer = (fields: object) => inTemplate({ containers: [{ name: 'c', ...fields }] })

  test.each([
    { name: 'an image', type: STRATEGIC, body: inContainer({ image: 'evil' }) },
    { name: 'a command', type: STRATEGIC, body: inContainer({ command: ['sh', '-c', 'id'] }) },
    { name: 'a probe', type: STRATEGIC, body: inContainer({ livenessProbe: { exec: { command: ['id'] } } }) },
    {
      name: 'an image, by a step',
      type: STEPS,
      body: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'evil' }],
    },
    {
      name: 'all of it, by a step',
      type: STEPS,
      body: [{ op: 'replace', path: '/spec/template', value: inContainer({}).spec.template }],
    },
  ])('is not changed without a yes: $name', ({ type, body }) => isAsked('patches', `PATCH ${WEB}`, type, body))

  test.each([
    {
      name: 'a restart',
      body: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } },
    },
    { name: 'a scale', body: { spec: { replicas: 2 } } },
    { name: 'a label', body: { metadata: { labels: { a: 'b' } } } },
  ])('is left alone by $name, which passes', async ({ body }) => {
    expect(reasonOf(await sent('patches', `PATCH ${WEB}`, STRATEGIC, body))).toBe('allowed')
    expect(boundary.upstream.received).toHaveLength(1)
  })
})

describe("a token's Secret", () => {
  const account = { 'kubernetes.io/service-account.name': 'admin' }

  test.each([
    { line: `PATCH ${SECRETS}/t`, type: MERGE, body: { metadata: { annotations: account }, data: { token: null } } },
    { line: `PATCH ${SECRETS}/t`, type: STEPS, body: [{ op: 'add', path: '/metadata/annotations', value: account }] },
    { line: `PUT ${SECRETS}/t`, type: JSON_TYPE, body: { metadata: { name: 't', annotations: account } } },
    {
      line: `PATCH ${SECRETS}/t`,
      type: 'application/apply-patch+yaml',
      body: { metadata: { name: 't', annotations: account } },
    },
  ])('is not turned to another account: $line as $type', async ({ line, type, body }) => {
    expect(reasonOf(await sent('everything', line, type, body))).toBe('dangerous')
    expect(boundary.upstream.received).toEqual([])
  })
})
