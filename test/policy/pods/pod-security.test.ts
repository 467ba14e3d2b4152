import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { reachOf } from '../../../src/policy/pods/reach.ts'
import { aRequest } from '../a-request.ts'
import { type PodFixture, podSecurityFixtures } from './pod-security-fixtures.ts'
import { toProtobuf } from './to-protobuf.ts'

const fixtures = await podSecurityFixtures()

const JSON_TYPE = 'application/json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const WEB = '/apis/apps/v1/namespaces/x/deployments/web'

type Pod = PodFixture['pod']

interface Way {
  readonly way: string
  readonly line: string
  readonly contentType: string
  readonly body: (pod: Pod) => string | Uint8Array
}

const deployment = ({ metadata, spec }: Pod) => ({ metadata: { name: 'web' }, spec: { template: { metadata, spec } } })
const cronJob = (pod: Pod) => ({ spec: { jobTemplate: { spec: { template: pod } } } })
const json = (make: (pod: Pod) => unknown) => (pod: Pod) => JSON.stringify(make(pod))

const WAYS: readonly Way[] = [
  { way: 'a pod', line: 'POST /api/v1/namespaces/x/pods', contentType: JSON_TYPE, body: json(pod => pod) },
  { way: 'a pod in YAML', line: 'POST /api/v1/namespaces/x/pods', contentType: 'application/yaml', body: stringify },
  {
    way: 'a pod in protobuf',
    line: 'POST /api/v1/namespaces/x/pods',
    contentType: PROTOBUF,
    body: pod => toProtobuf('pods', pod),
  },
  { way: 'a Deployment', line: `PUT ${WEB}`, contentType: JSON_TYPE, body: json(deployment) },
  {
    way: 'a Deployment in protobuf',
    line: `PUT ${WEB}`,
    contentType: PROTOBUF,
    body: pod => toProtobuf('deployments', deployment(pod)),
  },
  { way: 'an apply', line: `PATCH ${WEB}`, contentType: 'application/apply-patch+yaml', body: json(deployment) },
  {
    way: 'a strategic merge patch',
    line: `PATCH ${WEB}`,
    contentType: 'application/strategic-merge-patch+json',
    body: json(deployment),
  },
  {
    way: 'a merge patch',
    line: `PATCH ${WEB}`,
    contentType: 'application/merge-patch+json',
    body: json(deployment),
  },
  {
    way: 'a JSON patch of the template',
    line: `PATCH ${WEB}`,
    contentType: 'application/json-patch+json',
    body: json(pod => [{ op: 'replace', path: '/spec/template', value: pod }]),
  },
  {
    way: 'a CronJob',
    line: 'POST /apis/batch/v1/namespaces/x/cronjobs',
    contentType: JSON_TYPE,
    body: json(cronJob),
  },
  {
    way: 'a CronJob in protobuf',
    line: 'POST /apis/batch/v1/namespaces/x/cronjobs',
    contentType: PROTOBUF,
    body: pod => toProtobuf('cronjobs', cronJob(pod)),
  },
  {
    way: 'a revision of a controller',
    line: 'POST /apis/apps/v1/namespaces/x/controllerrevisions',
    contentType: JSON_TYPE,
    body: json(pod => ({ data: { spec: { template: { $patch: 'replace', ...pod } } }, revision: 2 })),
  },
  {
    way: 'a custom resource with a template of pods',
    line: 'POST /apis/argoproj.io/v1alpha1/namespaces/x/rollouts',
    contentType: JSON_TYPE,
    body: json(deployment),
  },
]

function reachesHost({ line, contentType, body }: Way, pod: Pod): boolean {
  return reachOf(aRequest(line, { contentType, body: body(pod) })).host
}

describe("Kubernetes' own examples of Pod Security", () => {
  test.each(WAYS)('tell what reaches the host: as $way', way => {
    const told = fixtures.map(({ name, pod }) => ({ name, host: reachesHost(way, pod) }))
    expect(told).toEqual(fixtures.map(({ name, passes }) => ({ name, host: !passes })))
  })

  test('tell what reaches the host: a field at a time', () => {
    for (const { name, passes, pod } of fixtures) {
      const patch = leaves('/spec/template', pod).map(([path, value]) => ({ op: 'add', path, value }))
      const request = aRequest(`PATCH ${WEB}`, {
        contentType: 'application/json-patch+json',
        body: JSON.stringify(patch),
      })
      // A step alone does not say that the pod has a user namespace of its own.
      const alone = passes && pod.spec['hostUsers'] === false
      if (!alone) expect({ name, host: reachOf(request).host }).toEqual({ name, host: !passes })
    }
  })
})

function leaves(path: string, value: unknown): readonly (readonly [path: string, value: unknown])[] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (members.length === 0) return [[path, value]]
  return members.flatMap(([name, member]) => leaves(`${path}/${name.replaceAll('/', '~1')}`, member))
}
