import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/lease/lease.ts'
import { isNarrower } from '../../../src/lease/scope/narrow.ts'
import { covers } from '../../../src/lease/scope/scope.ts'
import { suggestRules } from '../../../src/policy/suggest/suggest-rules.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import { aRequest, type Sent } from '../a-request.ts'
import { EXEC, MERGE, RULE, used, WIDE } from './a-use.ts'

function suggested(requests: readonly ApiRequest[], scope?: readonly Rule[]) {
  const { rules, namespaces, notes } = suggestRules(requests.map(request => used(request, scope)))
  const template = { rules } as Parameters<typeof issueScope>[0]
  return { rules, namespaces, notes, scope: issueScope(template, namespaces) }
}

const APPLY: Sent = {
  contentType: 'application/apply-patch+yaml',
  body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
}
const DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/web'

/** Every kind of request that a lease can cover. */
const KINDS: readonly [string, Sent?][] = [
  ['GET /api/v1/namespaces/shop/pods'],
  ['GET /api/v1/namespaces/shop/pods?watch=true'],
  ['GET /api/v1/namespaces/dev/pods/web-1'],
  ['GET /api/v1/pods'],
  ['GET /api/v1/namespaces/shop/pods/web-1/log?follow=true'],
  ['GET /api/v1/namespaces/shop/pods/web-1/exec?command=ls&command=-l&stdout=1', { upgrade: true }],
  ['GET /api/v1/namespaces/shop/pods/web-1/exec?command=sh&stdin=1&tty=1', { upgrade: true }],
  ['GET /api/v1/namespaces/shop/pods/web-1/portforward?ports=80', { upgrade: true }],
  ['GET /api/v1/namespaces/shop/services/web/proxy/healthz'],
  [`GET ${DEPLOYMENT}`],
  [`PATCH ${DEPLOYMENT}`, MERGE],
  ['PATCH /apis/apps/v1/namespaces/shop/deployments/api', MERGE],
  ['PATCH /api/v1/namespaces/shop/configmaps/a', APPLY],
  [
    'PATCH /api/v1/namespaces/shop/configmaps/a',
    { contentType: 'application/merge-patch+json', body: '{"metadata":{"finalizers":[]}}' },
  ],
  [
    'PUT /api/v1/namespaces/shop/services/web',
    { contentType: 'application/json', body: '{"metadata":{"name":"web"}}' },
  ],
  ['POST /api/v1/namespaces/shop/configmaps', { contentType: 'application/json', body: '{"metadata":{"name":"a"}}' }],
  ['DELETE /api/v1/namespaces/shop/pods/web-1'],
  ['DELETE /api/v1/namespaces/shop/configmaps'],
  ['GET /api/v1/namespaces/shop'],
  ['GET /api/v1/nodes/n1'],
  ['GET /api/v1/nodes'],
  ['GET /metrics'],
  ['GET /logs/kubelet.log'],
]
const ALL = KINDS.map(([line, sent]) => aRequest(line, sent))

describe('the smallest rules for what was done', () => {
  test('cover each of it, whatever was done together', () => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: ALL.length - 1 }), { minLength: 1 })
    fc.assert(
      fc.property(some, chosen => {
        const requests = chosen.map(at => ALL[at] as ApiRequest)
        const { scope } = suggested(requests)
        for (const request of requests)
          expect(covers(scope, request), `${request.method} ${request.path}`).not.toBeNull()
      }),
    )
  })

  test('lie within what was granted, each in one of its rules', () => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: ALL.length - 1 }), { minLength: 1 })
    fc.assert(
      fc.property(some, chosen => {
        const { scope } = suggested(chosen.map(at => ALL[at] as ApiRequest))
        expect(isNarrower(scope, WIDE)).toBe(true)
      }),
    )
  })

  test.each([
    {
      name: 'input for one command and not for another',
      scope: [
        { ...EXEC, commands: [['tar', 'xf', '-']], stdin: true },
        { ...EXEC, commands: [['sh']], stdin: false },
      ],
      lines: ['exec?command=tar&command=xf&command=-&stdin=1&stdout=1', 'exec?command=sh&stdout=1'],
    },
    {
      name: 'attach without input',
      scope: [{ ...EXEC, resources: ['pods/attach'], commands: [['**']], stdin: false }],
      lines: [],
      uses: [
        {
          verb: 'get',
          apiGroup: '',
          resource: 'pods/attach',
          namespace: 'shop',
          name: 'web-1',
          url: '',
          command: [],
          stdin: false,
        },
      ],
    },
    {
      name: 'a command that is masked beside any',
      scope: [
        { ...EXEC, commands: [['login', '*']], stdin: false },
        { ...EXEC, stdin: false },
      ],
      lines: ['exec?command=login&command=%5Bmasked%5D&stdout=1', 'exec?command=ls&stdin=1&stdout=1'],
    },
  ])('stay what they were granted as: $name', ({ scope, lines, uses = [] }) => {
    const requests = lines.map(line => aRequest(`GET /api/v1/namespaces/shop/pods/web-1/${line}`, { upgrade: true }))
    const covered = [{ rule: scope[0] as Rule, verbs: [] }]
    const all = [
      ...requests.map(request => used(request, scope)),
      ...uses.map(use => ({ ...use, covered, requests: 1 })),
    ]
    const { rules, namespaces } = suggestRules(all)
    const made = issueScope({ rules } as Parameters<typeof issueScope>[0], namespaces)
    expect(isNarrower(made, scope)).toBe(true)
    for (const request of requests) expect(covers(made, request)).not.toBeNull()
  })

  test('say where a template would reach further than the task did', () => {
    const { notes } = suggested([
      aRequest('GET /api/v1/namespaces/a/secrets/db'),
      aRequest('GET /api/v1/namespaces/b/pods'),
    ])
    expect(notes).toContain("secrets was used in a alone, and a template's rules hold in all of its namespaces")
  })

  test('cover nothing that the granted rules did not', () => {
    const narrow: Rule = {
      ...RULE,
      verbs: ['get', 'list', 'patch'],
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: ['web'],
      namespaces: ['shop'],
    }
    const { scope } = suggested([aRequest(`GET ${DEPLOYMENT}`), aRequest(`PATCH ${DEPLOYMENT}`, MERGE)], [narrow])
    for (const request of ALL.filter(one => covers([narrow], one) === null)) expect(covers(scope, request)).toBeNull()
    expect(
      covers(scope, aRequest('GET /apis/apps/v1/namespaces/shop/deployments?fieldSelector=metadata.name%3Dweb')),
    ).toBeNull()
  })

  test.each([
    { name: 'a name that nobody asked for', line: 'GET /apis/apps/v1/namespaces/shop/deployments/api' },
    { name: 'a verb that nobody used', line: `DELETE ${DEPLOYMENT}` },
    { name: 'a kind of object that nobody touched', line: 'GET /apis/apps/v1/namespaces/shop/statefulsets/web' },
    { name: 'a namespace where nobody was', line: 'GET /apis/apps/v1/namespaces/prod/deployments/web' },
    {
      name: 'a command that nobody ran',
      line: 'GET /api/v1/namespaces/shop/pods/web-1/exec?command=rm&stdout=1',
      sent: { upgrade: true },
    },
    {
      name: 'input that nobody gave',
      line: 'GET /api/v1/namespaces/shop/pods/web-1/exec?command=ls&command=-l&stdin=1',
      sent: { upgrade: true },
    },
  ])('leave out $name', ({ line, sent = {} }) => {
    const done = [
      aRequest(`GET ${DEPLOYMENT}`),
      aRequest('GET /api/v1/namespaces/shop/pods/web-1/exec?command=ls&command=-l&stdout=1', { upgrade: true }),
    ]
    const { scope } = suggested(done)
    expect(done.every(request => covers(scope, request) !== null)).toBe(true)
    expect(covers(scope, aRequest(line, sent))).toBeNull()
  })

  test('have no names of what gets a new one each time, and none where there are many', () => {
    const pods = suggested([aRequest('GET /api/v1/namespaces/shop/pods/web-6d4f-x2x')])
    expect(pods.rules).toMatchObject([{ verbs: ['get'], resources: ['pods'], resourceNames: [] }])
    const many = Array.from({ length: 11 }, (_, at) => aRequest(`GET /api/v1/namespaces/shop/configmaps/c${at}`))
    expect(suggested(many).rules).toMatchObject([{ resourceNames: [] }])
    expect(suggested(many.slice(1)).rules[0]?.resourceNames).toHaveLength(10)
  })

  test.each([
    ['jobs', 'batch', 'backup-29384120', 'minutes of a CronJob'],
    ['jobs', 'batch', 'import-x7k2p', 'five signs'],
    ['certificaterequests', 'cert-manager.io', 'web-tls-1', 'a kind of its own'],
    ['pipelineruns', 'tekton.dev', 'build', 'a kind of its own'],
  ])('have no names that controllers make: %s.%s %s, by %s', (resource, group, name) => {
    const { rules, notes } = suggested([aRequest(`GET /apis/${group}/v1/namespaces/shop/${resource}/${name}`)])
    expect(rules).toMatchObject([{ resources: [resource], resourceNames: [] }])
    if (resource === 'jobs') expect(notes).toEqual([expect.stringContaining(`jobs: names like ${name} are made anew`)])
  })

  test('have names of jobs that people gave', () => {
    const { rules, notes } = suggested(
      ['migrate', 'import-nginx', 'q3-2024'].map(name => aRequest(`GET /apis/batch/v1/namespaces/shop/jobs/${name}`)),
    )
    expect(rules).toMatchObject([{ resourceNames: ['import-nginx', 'migrate', 'q3-2024'] }])
    expect(notes).toEqual([])
  })

  test('are for metadata, selectors and values as they were granted', () => {
    const narrow: readonly Rule[] = [
      { ...RULE, verbs: ['list'], apiGroups: [''], resources: ['configmaps'], metadataOnly: true },
      { ...RULE, verbs: ['list'], apiGroups: [''], resources: ['pods'], labelSelector: 'app', fieldSelector: 'a=b' },
      { ...RULE, verbs: ['patch'], apiGroups: ['apps'], fields: ['spec.replicas <= 5'] },
    ]
    const requests = [
      aRequest('GET /api/v1/namespaces/x/configmaps', {
        accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      }),
      aRequest('GET /api/v1/namespaces/x/pods?labelSelector=app%3Dweb&fieldSelector=a%3Db'),
      aRequest(`PATCH ${DEPLOYMENT}`, MERGE),
    ]
    const { rules } = suggested(requests, narrow)
    expect(rules).toMatchObject([
      { resources: ['configmaps'], metadataOnly: true },
      { resources: ['pods'], labelSelector: 'app', fieldSelector: 'a=b' },
      { resources: ['deployments'], fields: ['spec.replicas <= 5'] },
    ])
    expect(rules.filter(({ metadataOnly }) => metadataOnly)).toHaveLength(1)
  })

  test('say together what goes together', () => {
    const { rules, namespaces } = suggested([
      aRequest('GET /api/v1/namespaces/shop/pods'),
      aRequest('GET /api/v1/namespaces/dev/pods?watch=1'),
      aRequest('GET /api/v1/namespaces/shop/services'),
      aRequest('GET /api/v1/namespaces/shop/services?watch=1'),
    ])
    expect(rules).toMatchObject([{ verbs: ['list', 'watch'], resources: ['pods', 'services'] }])
    expect(namespaces).toEqual(['dev', 'shop'])
  })

  test('have what a request needs beside its verb, and not where it did not', () => {
    expect(suggested([aRequest(`PATCH ${DEPLOYMENT}`, MERGE)]).rules).toMatchObject([{ verbs: ['patch'] }])
    const applied = suggested([aRequest('PATCH /api/v1/namespaces/shop/configmaps/a', APPLY)])
    expect(applied.rules).toMatchObject([{ verbs: ['create', 'patch'], resourceNames: ['a'] }])
  })

  test('say where the record does not say enough', () => {
    const hidden = aRequest('GET /api/v1/namespaces/shop/pods/a/exec?command=x&command=%5Bmasked%5D&stdout=1', {
      upgrade: true,
    })
    expect(suggested([hidden])).toMatchObject({ rules: [{ commands: [] }], notes: [expect.stringMatching(/^exec: /)] })
  })
})
