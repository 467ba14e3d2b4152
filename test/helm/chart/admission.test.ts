import { describe, expect, test } from 'vitest'
import { toAdmission } from '../../../src/policy/admission/admission.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import { type Loose, NAMESPACE, objectsIn, render, valuesOf } from './a-chart.ts'

const boundary = { kind: 'serviceAccount', namespace: NAMESPACE, name: 'lg-leasegate-envoy' } as const

/** What judges, without labels, in the order of names. */
function essence(objects: readonly Loose[]): readonly Loose[] {
  return objects
    .filter(({ apiVersion }) => apiVersion === 'admissionregistration.k8s.io/v1')
    .map(({ kind, metadata: { name, namespace }, spec, data }) => ({ kind, name, namespace, spec, data }))
    .sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1))
}

const POLICY = {
  issuers: [
    { name: 'i', issuer: 'https://corp.example', audience: 'leasegate', jwks: { url: 'https://corp.example/k' } },
  ],
  agents: [
    { name: 'a', issuer: 'i', claims: { sub: 'system:serviceaccount:agents:a' } },
    { name: 'b', issuer: 'i', claims: { sub: 'system:serviceaccount:agents:b' } },
    { name: 'c', issuer: 'i', claims: { sub: 'ada@corp.example' } },
  ],
  templates: ['plain', 'strong'].map(name => ({
    name,
    grants: [{ agent: 'a', namespaces: ['shop'] }],
    rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    maxTtl: '1h',
    ...(name === 'plain'
      ? {}
      : {
          dangerous: ['pod-host', 'pod-identity'],
          serviceAccounts: ['web', 'api'],
          images: ['registry.corp/*', 'x@sha256:0'],
        }),
  })),
}

const LIMITED = {
  name: 'limited',
  grants: [{ agent: 'a', namespaces: ['shop'] }],
  rules: [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] },
    {
      verbs: ['get', 'patch'],
      apiGroups: ['apps', ''],
      resources: ['deployments', '*/scale'],
      resourceNames: ['web', 'api'],
      fields: [
        'spec.replicas <= 5',
        'metadata.annotations["a b/<c>&"]',
        'spec.template.spec.containers[*].image = r/*',
      ],
    },
    { verbs: ['*'], apiGroups: [''], resources: ['configmaps'] },
    { verbs: ['update'], scope: 'cluster', nonResourceURLs: ['/x'] },
  ],
  maxTtl: '1h',
}

const NOBODYS = POLICY.templates.slice(0, 1).map(template => ({ ...template, grants: [] }))

function printed(policy: object): readonly Loose[] {
  const parsed = parsePolicy(JSON.stringify({ boundaryNamespace: NAMESPACE, ...policy }), 'policy.yaml')
  if (parsed.kind !== 'policy') throw new Error(JSON.stringify(parsed))
  return essence(JSON.parse(JSON.stringify(toAdmission(parsed.policy, boundary))))
}

describe("the chart's admission policies", () => {
  test.each([
    { name: 'a policy that names everything', policy: { ...POLICY, templates: [...POLICY.templates, LIMITED] } },
    {
      name: 'a policy whose agents are no service accounts',
      policy: { ...POLICY, agents: POLICY.agents.slice(2), templates: NOBODYS },
    },
  ])('are what `leasegate policy rbac` prints for $name', async ({ policy }) => {
    const { image, redis, clickhouse } = await valuesOf('minimal')
    const made = essence(objectsIn(await render({ image, redis, clickhouse, policy: { inline: policy } })))
    expect(made).toHaveLength(12)
    expect(made).toEqual(printed(policy))
  })

  test('are made of the copy of a policy that is elsewhere', async () => {
    const values = await valuesOf('policy-configmap')
    expect(essence(objectsIn(await render(values)))).toEqual(printed(values.rbac.policy))
  })

  test.each([{ create: false }, { admissionPolicy: false }])('are not there with %o', async rbac => {
    const values = await valuesOf('minimal')
    expect(essence(objectsIn(await render({ ...values, rbac })))).toEqual([])
  })
})
