import { describe, expect, test } from 'vitest'
import { isOfPrograms } from '../../../src/policy/risk-rules/acting-notes.ts'
import { changesOnly } from '../../../src/policy/risk-rules/what-changes.ts'
import { aRequest } from '../a-request.ts'

const DEPLOYMENT = '/apis/apps/v1/namespaces/x/deployments/web'
const POD = '/api/v1/namespaces/x/pods/web-0'
const labelled = (path: string, labels: object | null, type = 'merge-patch+json') =>
  aRequest(`PATCH ${path}`, { contentType: `application/${type}`, body: JSON.stringify({ metadata: { labels } }) })
const isLabelAlone = (path: string, name: string, ownPrefixes: readonly string[] = []) =>
  changesOnly(labelled(path, { [name]: 'x' }), ['labels'], ownPrefixes)

describe('a label alone', () => {
  test.each(['team', 'app', 'cost-center', 'app.kubernetes.io/version', 'app.kubernetes.io/part-of'])(
    'is what people write on a Deployment: %s',
    name => {
      expect(isLabelAlone(DEPLOYMENT, name)).toBe(true)
    },
  )

  test.each([
    'app.kubernetes.io/instance',
    'app.kubernetes.io/managed-by',
    'argocd.argoproj.io/instance',
    'istio-injection/x',
    'sidecar.istio.io/inject',
    'topology.kubernetes.io/zone',
    'a-program-that-nobody-knows.example/does',
    'aadpodidbinding',
  ])('is none by which a program acts: %s', name => {
    expect(isLabelAlone(DEPLOYMENT, name)).toBe(false)
  })

  test.each([
    ['a pod, which is adopted and reached', POD, 'app'],
    ['a namespace, whose Pod Security it is', '/api/v1/namespaces/x', 'pod-security.kubernetes.io/enforce'],
    ['a namespace, where sidecars come by it', '/api/v1/namespaces/x', 'istio-injection'],
    ['a node, to which pods go', '/api/v1/nodes/n', 'disk'],
    ['a ReplicaSet, which a Deployment adopts', '/apis/apps/v1/namespaces/x/replicasets/web-1', 'app'],
    ['a Service that is watched', '/api/v1/namespaces/x/services/web', 'release'],
    ['a ConfigMap that a sidecar picks up', '/api/v1/namespaces/x/configmaps/c', 'grafana_dashboard'],
    ['a volume that is claimed', '/api/v1/persistentvolumes/v', 'tier'],
    ['a role that is added up', '/apis/rbac.authorization.k8s.io/v1/clusterroles/r', 'aggregate'],
    ['a kind of others', '/apis/example.com/v1/namespaces/x/things/t', 'team'],
    ['a kind of others by a name of Kubernetes', '/apis/example.com/v1/namespaces/x/deployments/t', 'team'],
  ])('is none of %s', (_, path, name) => {
    expect(isLabelAlone(path, name)).toBe(false)
  })

  test('is one of a prefix of the policy, on whatever it stands, and of no other', () => {
    const own = ['team.example.com']
    for (const path of [DEPLOYMENT, POD, '/api/v1/namespaces/x']) {
      expect(isLabelAlone(path, 'team.example.com/owner', own)).toBe(true)
      for (const other of [
        'other.example.com/owner',
        'x.team.example.com/owner',
        'team.example.com.evil/owner',
        'example.com/owner',
      ])
        expect(isLabelAlone(path, other, own)).toBe(false)
    }
    expect(isLabelAlone(POD, 'app', own)).toBe(false)
    const annotated = (name: string) =>
      aRequest(`PATCH ${DEPLOYMENT}`, {
        contentType: 'application/merge-patch+json',
        body: JSON.stringify({ metadata: { annotations: { [name]: 'x' } } }),
      })
    expect(changesOnly(annotated('team.example.com/note'), ['annotations'], own)).toBe(true)
    expect(changesOnly(annotated('team.example.com/note'), ['annotations'])).toBe(false)
  })

  test('is none where all are gone, or beside one that acts', () => {
    expect(changesOnly(labelled(DEPLOYMENT, null), ['labels'], ['team.example.com'])).toBe(false)
    expect(changesOnly(labelled(DEPLOYMENT, { team: 'a', 'argocd.argoproj.io/instance': 'b' }), ['labels'])).toBe(false)
    const replaced = aRequest(`PATCH ${DEPLOYMENT}`, {
      contentType: 'application/json-patch+json',
      body: JSON.stringify([{ op: 'replace', path: '/metadata/labels', value: { team: 'a' } }]),
    })
    expect(changesOnly(replaced, ['labels'])).toBe(false)
  })
})

test.each([
  'kubernetes.io',
  'app.kubernetes.io',
  'k8s.io',
  'argocd.argoproj.io',
  'istio.io',
  'sidecar.istio.io',
  'eks.amazonaws.com',
  'vault.hashicorp.com',
])("a prefix of a program is nobody's own: %s", prefix => {
  expect(isOfPrograms(prefix)).toBe(true)
})

test('a prefix that only looks like one may be', () => {
  for (const prefix of ['team.example.com', 'notkubernetes.io', 'myhelm.sh', 'istio.io.example.com'])
    expect(isOfPrograms(prefix)).toBe(false)
})
