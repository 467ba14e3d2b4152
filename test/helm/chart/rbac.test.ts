import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import { type RbacOptions, toRbac } from '../../../src/policy/rbac/rbac.ts'
import { type Loose, NAMESPACE, objectsIn, render, valuesOf } from './a-chart.ts'

const EXAMPLE = new URL('../../vectors/policy-example.yaml', import.meta.url)
/** Which files it names is another matter. */
const example = async () => {
  const policy = parse(await readFile(EXAMPLE, 'utf8'))
  const jwks = { url: 'https://corp.example/keys' }
  return { ...policy, issuers: policy.issuers.map((issuer: Loose) => ({ ...issuer, jwks })) }
}
const boundary: RbacOptions['boundary'] = { kind: 'serviceAccount', namespace: NAMESPACE, name: 'lg-leasegate-envoy' }
const planner: RbacOptions['boundary'] = { ...boundary, name: 'lg-leasegate-broker' }

/** What roles and bindings say, without labels, in no order. */
function essence(objects: readonly Loose[]): readonly string[] {
  return objects
    .filter(({ apiVersion }) => apiVersion === 'rbac.authorization.k8s.io/v1')
    .filter(({ metadata }) => /^leasegate:/.test(metadata.name))
    .map(({ kind, metadata: { name, namespace }, rules, roleRef, subjects }) =>
      canonical({ kind, name, namespace, rules, roleRef, subjects }),
    )
    .sort()
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}

function printed(policy: object, mode: RbacOptions['mode']): readonly string[] {
  const parsed = parsePolicy(JSON.stringify({ boundaryNamespace: NAMESPACE, ...policy }), 'policy.yaml')
  if (parsed.kind !== 'policy') throw new Error(JSON.stringify(parsed))
  return essence(JSON.parse(JSON.stringify(toRbac(parsed.policy, { mode, boundary, planner }))) as readonly Loose[])
}

/** Each kind of rule, grant and danger that a policy can have. */
const MANY_KINDS = {
  issuers: [
    { name: 'corp', issuer: 'https://corp.example', audience: 'leasegate', jwks: { url: 'https://corp.example/k' } },
  ],
  agents: ['a', 'b'].map(name => ({ name, issuer: 'corp', claims: { sub: name }, sponsor: 'ada@corp.example' })),
  templates: [
    {
      name: 'everything',
      description: 'All verbs, everywhere',
      grants: [{ agent: 'a', namespaces: ['*'] }],
      rules: [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { scope: 'cluster', verbs: ['*'], apiGroups: [''], resources: ['nodes'], resourceNames: ['node-0'] },
        { scope: 'cluster', verbs: ['*'], nonResourceURLs: ['/metrics', '/healthz'] },
      ],
      maxTtl: '1h',
    },
    {
      name: 'streams',
      description: 'exec by create alone',
      grants: [
        { agent: 'b', namespaces: ['shop', 'dev'] },
        { agent: 'a', namespaces: ['dev'] },
      ],
      rules: [
        { verbs: ['create'], apiGroups: [''], resources: ['pods/exec', 'pods/portforward'] },
        {
          verbs: ['get', 'create', 'patch'],
          apiGroups: ['apps'],
          resources: ['deployments', 'deployments/scale'],
          resourceNames: ['web'],
        },
      ],
      maxTtl: '1h',
    },
    {
      name: 'binds',
      description: 'Named dangers',
      grants: [{ agent: 'a', namespaces: ['dev'] }],
      dangerous: ['rbac-bind'],
      rules: [
        { verbs: ['bind', 'escalate', 'get'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] },
        { verbs: ['impersonate'], apiGroups: [''], resources: ['serviceaccounts'] },
      ],
      maxTtl: '1h',
    },
    {
      name: 'nobodys',
      description: 'Granted to nobody',
      grants: [],
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
      maxTtl: '1h',
    },
  ],
}

describe("the chart's roles and bindings", () => {
  test.each([
    { name: 'the example', mode: 'constrained', kubeVersion: '1.36.0', policy: example },
    { name: 'the example', mode: 'legacy', kubeVersion: '1.35.4', policy: example },
    { name: 'many kinds', mode: 'constrained', kubeVersion: '1.37.1', policy: async () => MANY_KINDS },
    { name: 'many kinds', mode: 'legacy', kubeVersion: '1.30.0', policy: async () => MANY_KINDS },
  ] as const)(
    'are what `leasegate policy rbac --mode $mode` prints for $name, by itself on $kubeVersion',
    async given => {
      const policy = { ...(await given.policy()), boundaryNamespace: NAMESPACE }
      const { image, redis, clickhouse } = await valuesOf('minimal')
      const text = await render({ image, redis, clickhouse, policy: { inline: policy } }, given)
      const made = essence(objectsIn(text))
      expect(made.length).toBeGreaterThan(3)
      expect(made).toEqual(printed(policy, given.mode))
    },
  )

  test('let the broker ask about tokens by value alone, and do nothing else', async () => {
    const { image, redis, clickhouse } = await valuesOf('minimal')
    const given = { image, redis, clickhouse, policy: { inline: MANY_KINDS } }
    const asked = (objects: readonly Loose[]) =>
      objects.filter(({ metadata }) => metadata?.name === `leasegate:${NAMESPACE}:token-review`)
    expect(asked(objectsIn(await render(given)))).toEqual([])
    const made = asked(objectsIn(await render({ ...given, broker: { tokenReview: true } })))
    expect(made).toMatchObject([
      { rules: [{ verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'] }] },
      { subjects: [{ kind: 'ServiceAccount', name: 'lg-leasegate-broker', namespace: NAMESPACE }] },
    ])
    expect(made[0]?.rules).toHaveLength(1)
  })

  test('bind nothing of Kubernetes to anybody of ours', async () => {
    const { image, redis, clickhouse } = await valuesOf('minimal')
    const objects = objectsIn(await render({ image, redis, clickhouse, policy: { inline: MANY_KINDS } }))
    const bindings = objects.filter(({ roleRef }) => roleRef !== undefined)
    const made = objects.filter(({ rules }) => rules !== undefined).map(({ metadata }) => metadata.name)
    expect(bindings.filter(({ roleRef }) => !made.includes(roleRef.name))).toEqual([])
  })
})
