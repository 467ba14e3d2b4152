import { protobufNamed } from '../request/object/a-protobuf.ts'

export const WEB = '/apis/apps/v1/namespaces/dev/deployments/web'
export const STRATEGIC = 'application/strategic-merge-patch+json'
export const MERGE = 'application/merge-patch+json'
export const STEPS = 'application/json-patch+json'
const APPLY = 'application/apply-patch+yaml'
export const KEY = 'kubectl.kubernetes.io/restartedAt'
const POINTER = '/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt'
const NOW = '2026-11-28T12:00:00Z'

/** As kubectl 1.36 sends it, with more beside the annotation, in the pod template and in its spec. */
const restart = (...more: readonly [annotations?: object, template?: object, spec?: object]) => {
  const [annotations = {}, template = {}, spec = {}] = more
  return { spec: { template: { metadata: { annotations: { [KEY]: NOW, ...annotations } }, ...template }, ...spec } }
}
export const container = (change: object) => restart({}, { spec: { containers: [{ name: 'web', ...change }] } })
const RESTART = JSON.stringify(restart())

interface Sent {
  readonly line: string
  readonly type: string
  readonly body: string | Buffer
}

/** What restarts, and nothing else. */
export const RESTARTS: readonly (Sent & { readonly name: string })[] = [
  { name: 'kubectl', line: `PATCH ${WEB}?fieldManager=kubectl-rollout`, type: STRATEGIC, body: RESTART },
  { name: 'kubectl, as a dry run', line: `PATCH ${WEB}?dryRun=All`, type: STRATEGIC, body: RESTART },
  { name: 'a merge patch', line: `PATCH ${WEB}`, type: MERGE, body: RESTART },
  {
    name: 'a JSON patch',
    line: `PATCH ${WEB}`,
    type: STEPS,
    body: JSON.stringify([{ op: 'add', path: POINTER, value: NOW }]),
  },
]

/** Patches that do more, in whichever way they are merged. */
export const BEYOND: readonly { readonly name: string; readonly patch: object }[] = [
  { name: 'an image', patch: container({ image: 'evil/x' }) },
  { name: 'a command', patch: container({ command: ['sh', '-c', 'env'] }) },
  { name: 'arguments', patch: container({ args: ['-x'] }) },
  { name: 'a variable', patch: container({ env: [{ name: 'LD_PRELOAD', value: '/x' }] }) },
  { name: 'variables out of a Secret', patch: container({ envFrom: [{ secretRef: { name: 'db' } }] }) },
  { name: 'a probe', patch: container({ livenessProbe: { exec: { command: ['id'] } } }) },
  { name: 'a hook', patch: container({ lifecycle: { postStart: { exec: { command: ['id'] } } } }) },
  { name: 'another container', patch: restart({}, { spec: { initContainers: [{ name: 'x', image: 'x' }] } }) },
  { name: 'a volume', patch: restart({}, { spec: { volumes: [{ name: 'x', secret: { secretName: 'db' } }] } }) },
  { name: 'a service account', patch: restart({}, { spec: { serviceAccountName: 'admin' } }) },
  { name: 'the network of the node', patch: restart({}, { spec: { hostNetwork: true } }) },
  { name: 'another annotation of the pods', patch: restart({ 'sidecar.istio.io/inject': 'false' }) },
  { name: 'labels of the pods', patch: { spec: { template: { metadata: { labels: { app: 'other' } } } } } },
  { name: 'no replicas', patch: restart({}, {}, { replicas: 0 }) },
  { name: 'an owner', patch: { ...restart(), metadata: { ownerReferences: [{ uid: 'gone' }] } } },
  { name: 'a finalizer', patch: { ...restart(), metadata: { finalizers: ['x/y'] } } },
  { name: 'an end', patch: { ...restart(), metadata: { deletionTimestamp: NOW } } },
  { name: 'another case', patch: { Spec: restart({}, { spec: { hostPID: true } }).spec } },
  {
    name: 'a replacement of all annotations',
    patch: { spec: { template: { metadata: { annotations: { $patch: 'replace', [KEY]: NOW } } } } },
  },
  {
    name: 'a replacement of the pods',
    patch: { spec: { template: { $patch: 'replace', ...restart().spec.template } } },
  },
  { name: 'retained keys', patch: { spec: { ...restart().spec, $retainKeys: ['template'] } } },
  { name: 'an order', patch: { ...restart(), metadata: { '$setElementOrder/finalizers': [] } } },
  { name: 'annotations that are none', patch: { spec: { template: { metadata: { annotations: null } } } } },
  { name: 'nothing', patch: {} },
  { name: 'nothing within', patch: { spec: { template: {} } } },
]

/** JSON patches that do more. */
export const STEPS_BEYOND: readonly { readonly name: string; readonly steps: readonly object[] }[] = [
  {
    name: 'a step beside it',
    steps: [
      { op: 'add', path: POINTER, value: NOW },
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'x' },
    ],
  },
  {
    name: 'a step around it',
    steps: [{ op: 'add', path: '/spec/template/metadata/annotations', value: { [KEY]: NOW } }],
  },
  { name: 'a step on everything', steps: [{ op: 'replace', path: '', value: restart() }] },
  {
    name: 'an unescaped pointer',
    steps: [{ op: 'add', path: `/spec/template/metadata/annotations/${KEY}`, value: NOW }],
  },
  { name: 'a pointer with something before it', steps: [{ op: 'add', path: 'x/spec/paused', value: true }] },
  { name: 'a copy into it', steps: [{ op: 'copy', from: '/spec/template/spec/containers/0/image', path: POINTER }] },
  { name: 'a move', steps: [{ op: 'move', from: POINTER, path: '/spec/paused' }] },
  {
    name: 'a test of what a Secret is named',
    steps: [{ op: 'test', path: '/spec/template/spec/volumes/0/secret/secretName', value: 'db' }],
  },
  { name: 'no step', steps: [] },
]

/** What is sent in another way, or to something else. */
export const OTHERWISE: readonly Sent[] = [
  { line: `PATCH ${WEB}`, type: MERGE, body: `{"spec":${JSON.stringify(restart().spec)},"spec":{"paused":true}}` },
  { line: `PATCH ${WEB}`, type: STRATEGIC, body: RESTART.replace('{', '{"sp\\u0065c":{"paused":true},') },
  { line: `PATCH ${WEB}`, type: STRATEGIC, body: `\ufeff${RESTART}` },
  { line: `PATCH ${WEB}?fieldManager=x&force=true`, type: APPLY, body: RESTART },
  { line: `PATCH ${WEB}`, type: 'application/apply-patch+cbor', body: Buffer.from('a0', 'hex') },
  { line: `PATCH ${WEB}`, type: 'application/json', body: RESTART },
  { line: `PATCH ${WEB}`, type: 'application/vnd.kubernetes.protobuf', body: protobufNamed({ name: 'web' }) },
  { line: `PUT ${WEB}`, type: 'application/json', body: RESTART },
  { line: `PATCH ${WEB}/status`, type: STRATEGIC, body: RESTART },
  { line: `PATCH ${WEB}/scale`, type: MERGE, body: RESTART },
  { line: `PATCH ${WEB.replace('web', 'api')}`, type: STRATEGIC, body: RESTART },
  { line: `PATCH ${WEB.replace('deployments', 'statefulsets')}`, type: STRATEGIC, body: RESTART },
  { line: `PATCH ${WEB.replace('dev', 'prod')}`, type: STRATEGIC, body: RESTART },
  { line: 'POST /apis/apps/v1/namespaces/dev/deployments', type: 'application/json', body: RESTART },
  { line: `DELETE ${WEB}`, type: 'application/json', body: '{"propagationPolicy":"Foreground"}' },
]
