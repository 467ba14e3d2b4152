import { describe, expect, test } from 'vitest'
import { bringsSecret } from '../../../src/policy/pods/brings-secret.ts'
import { reachOf } from '../../../src/policy/pods/reach.ts'
import { whatRuns } from '../../../src/policy/pods/what-runs.ts'
import { bytesField, envelope } from '../../request/object/a-protobuf.ts'
import { aRequest } from '../a-request.ts'
import { toProtobuf } from './to-protobuf.ts'

const JSON_TYPE = 'application/json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const STEPS = 'application/json-patch+json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const POD = 'POST /api/v1/namespaces/x/pods'
const WEB = 'PATCH /apis/apps/v1/namespaces/x/deployments/web'

const inTemplate = (spec: object) => ({ spec: { template: { spec } } })
const inContainer = (fields: object) => ({ containers: [{ name: 'c', ...fields }] })

function reach(line: string, contentType: string, body: object | string | Uint8Array) {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return reachOf(aRequest(line, { contentType, body: text }))
}

describe('what pods reach on their node', () => {
  test.each([
    { name: 'a node by its name', spec: { nodeName: 'master' } },
    { name: 'a share of files by the network', spec: { volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] } },
    { name: 'a driver inline', spec: { volumes: [{ name: 'v', csi: { driver: 'd' } }] } },
    { name: 'a host to probe', spec: inContainer({ livenessProbe: { httpGet: { host: '169.254.169.254' } } }) },
    { name: 'a host in a hook', spec: inContainer({ lifecycle: { preStop: { tcpSocket: { host: 'db' } } } }) },
  ])('$name, in each form', ({ spec }) => {
    expect(reach(POD, JSON_TYPE, { spec }).host).toBe(true)
    expect(reach(POD, PROTOBUF, toProtobuf('pods', { spec })).host).toBe(true)
    expect(reach(WEB, STRATEGIC, inTemplate(spec)).host).toBe(true)
    const [[name, value] = ['', '']] = Object.entries(spec)
    expect(reach(WEB, STEPS, [{ op: 'add', path: `/spec/template/spec/${name}`, value }]).host).toBe(true)
  })

  test.each([
    { path: '/spec/template/spec/volumes/0/nfs', value: { server: 's' }, want: true },
    { path: '/spec/template/spec/volumes/-', value: { name: 'v', iscsi: {} }, want: true },
    { path: '/spec/template/spec/volumes/0/secret/secretName', value: 's', want: false },
    { path: '/spec/template/spec/containers/0/securityContext/capabilities/add/0', value: 'SYS_ADMIN', want: true },
    { path: '/spec/template/spec/containers/0/securityContext/capabilities/add/0', value: 'CHOWN', want: false },
    { path: '/spec/template/spec/containers/0/ports/0/hostPort', value: 22, want: true },
    { path: '/spec/template/spec/securityContext/sysctls/0/name', value: 'kernel.core_pattern', want: true },
    { path: '/metadata/annotations/kubernetes.io~1config.mirror', value: 'x', want: true },
    { path: `${'/a'.repeat(300)}`, value: 1, want: true },
  ])('a JSON patch at $path with $value: $want', ({ path, value, want }) => {
    expect(reach(WEB, STEPS, [{ op: 'add', path, value }]).host).toBe(want)
  })

  test('a type of volume that is yet to come', () => {
    expect(reach(POD, JSON_TYPE, { spec: { volumes: [{ name: 'v', another: {} }] } }).host).toBe(true)
  })

  test('a volume that a patch keeps, by its directives, is none', () => {
    const volumes = [{ name: 'v', $retainKeys: ['name', 'secret'], secret: { secretName: 's' }, hostPath: null }]
    expect(reach(WEB, STRATEGIC, inTemplate({ volumes })).host).toBe(false)
  })

  test.each([
    { name: 'a field that is not known yet', body: envelope(bytesField(2, bytesField(99, 'x'))) },
    { name: 'a spec that comes twice', body: envelope(Buffer.concat([bytesField(2, ''), bytesField(2, '')])) },
    {
      name: 'more fields than are read',
      body: envelope(bytesField(2, Buffer.concat(Array(30_000).fill(bytesField(1, ''))))),
    },
  ])('protobuf with $name counts as everything', ({ body }) => {
    expect(reach(POD, PROTOBUF, body)).toMatchObject({ host: true, tokens: true, secrets: true })
  })
})

describe('kinds that others bring', () => {
  const ROLLOUTS = 'POST /apis/argoproj.io/v1alpha1/namespaces/x/rollouts'
  const MACHINES = 'POST /apis/kubevirt.io/v1/namespaces/x/virtualmachines'
  const machine = (volumes: readonly object[]) => inTemplate({ domain: { devices: {} }, volumes })

  test.each([
    {
      name: 'a template of pods on the host',
      line: ROLLOUTS,
      body: inTemplate({ ...inContainer({}), hostPID: true }),
      want: true,
    },
    {
      name: 'a volume before its containers',
      line: ROLLOUTS,
      body: inTemplate({ volumes: [{ name: 'v', nfs: {} }], ...inContainer({}) }),
      want: true,
    },
    {
      name: 'volumes of something else',
      line: ROLLOUTS,
      body: { spec: { volumes: [{ name: 'v', nfs: {} }] } },
      want: false,
    },
    {
      name: 'a machine with a disk of the node',
      line: MACHINES,
      body: machine([{ name: 'v', hostDisk: { path: '/' } }]),
      want: true,
    },
    {
      name: 'a machine with a disk in an image',
      line: MACHINES,
      body: machine([{ name: 'v', containerDisk: { image: 'i' } }]),
      want: false,
    },
    { name: 'something else altogether', line: ROLLOUTS, body: { spec: { nodeName: 'a', replicas: 1 } }, want: false },
  ])('$name: $want', ({ line, body, want }) => {
    expect(reach(line, JSON_TYPE, body).host).toBe(want)
  })

  const SPARK = 'POST /apis/sparkoperator.k8s.io/v1beta2/namespaces/x/sparkapplications'
  const THINGS = 'POST /apis/things.example/v1/namespaces/x/things'

  test.each([
    { name: 'a map of keys', spec: { driver: { image: 'i', envSecretKeyRefs: { P: { name: 's', key: 'k' } } } } },
    { name: 'a list with more than names', spec: { image: 'i', driver: { secrets: [{ name: 's', path: '/s' }] } } },
    { name: 'a name of its own', spec: { imageName: 'i', superuserSecret: { name: 's' } } },
    { name: 'a sidecar', spec: { sidecars: [{ name: 'a' }], existingSecret: 's' } },
    { name: 'a pod as a text', spec: { podSpecPatch: 'containers: [{envFrom: [{secretRef: {name: s}}]}]' } },
  ])('a Secret by $name is brought to what runs', ({ spec }) => {
    expect(bringsSecret(aRequest(SPARK, { contentType: JSON_TYPE, body: JSON.stringify({ spec }) }))).toBe(true)
  })

  test.each([
    { spec: { driver: { serviceAccount: 'admin' } }, want: ['admin'] },
    { spec: { serviceAccount: { name: 'admin' } }, want: ['admin'] },
    { spec: { runnerServiceAccountName: 'admin' }, want: ['admin'] },
    { spec: { auth: { serviceAccountRef: { name: 'admin' } } }, want: ['admin'] },
    { spec: { podSpecPatch: '{"serviceAccountName": "admin"}' }, want: ['admin'] },
    { spec: { serviceAccount: { name: 'default' }, serviceAccountToken: 'x' }, want: [] },
  ])('an account by another name is one: $spec', ({ spec, want }) => {
    expect([...reach(THINGS, JSON_TYPE, { spec }).accounts]).toEqual(want)
  })

  test.each([
    { spec: { podSpecPatch: '{"hostPID": true}' }, want: true },
    { spec: { podTemplate: 'volumes:\n- name: v\n  nfs: {}' }, want: true },
    { spec: { podSpecPatch: '{{ inputs.parameters.patch }}' }, want: true },
    { spec: { podSpecPatch: '{"containers": [{"name": "c", "resources": {"limits": {"cpu": "1"}}}]}' }, want: false },
    { spec: { podSpecPatch: '' }, want: false },
  ])('a pod in a text is looked into: $spec', ({ spec, want }) => {
    expect(reach(THINGS, JSON_TYPE, { spec }).host).toBe(want)
  })

  test.each([
    { spec: { image: 'i' }, want: true },
    { spec: { image: { repository: 'r', tag: 't' } }, want: true },
    { spec: { dockerImage: 'i' }, want: true },
    { spec: { template: { container: { command: ['sh'] } } }, want: true },
    { spec: { replicas: 1, imagePullPolicy: 'Always', images: ['a'], image: '' }, want: false },
  ])('what has an image runs: $spec', ({ spec, want }) => {
    expect(reach(THINGS, JSON_TYPE, { spec }).pods).toBe(want)
  })

  test('an image by another name is on record as what runs, in kinds of others alone', () => {
    const runs = (line: string) =>
      whatRuns(aRequest(line, { contentType: JSON_TYPE, body: JSON.stringify({ spec: { imageName: 'evil' } }) }))
    expect(runs(THINGS)).toEqual([{ name: '', image: 'evil', command: [] }])
    expect(runs(POD)).toEqual([])
  })

  test('an account in one of them is an account', () => {
    expect(reach(ROLLOUTS, JSON_TYPE, inTemplate({ serviceAccountName: 'admin' })).accounts).toEqual(new Set(['admin']))
    expect(reach(ROLLOUTS, JSON_TYPE, { spec: { serviceAccount: { create: true } } }).accounts).toEqual(new Set())
  })
})
