import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authorize } from '../../../src/authorizer/authorize.ts'
import type { Surroundings } from '../../../src/authorizer/surroundings.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import type { Policy, TaskTemplate } from '../../../src/policy/policy.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { termsOf } from '../../../src/policy/template/terms-of.ts'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import type { HeaderLine } from '../../../src/request/http-request.ts'
import { aPolicy, aRule, aTemplate } from '../../policy/a-policy.ts'
import { aFile, thePolicy } from '../../policy/risk-rules/a-file.ts'
import { aRoad, http } from '../road.ts'

const NAMES = ['web', 'db', 'web-7d4b9', 'leasegate', 'status', 'watch', 'namespaces', 'a.b', '..', '.', 'Web', 'a%20b']
const BEFORE = [
  ...['/api/v1/namespaces/x/pods/', '/api/v1/nodes/', '/api/v1/namespaces/', '/api/v1/namespaces/x/secrets/'],
  ...[
    '/api/v1/namespaces/y/pods/',
    '/api/v1/namespaces/x/',
    '/apis/apps/v1/namespaces/x/deployments/',
    '/api/v1/watch/',
  ],
  ...['/apis/example.com/v1/namespaces/x/things/', '/api/v1/pods/', '/apis/', '/healthz/', '/', '/api/v1/'],
]
const BEHIND = ['', '/', '/status', '/log', '/proxy', '/exec', '/token']
const QUERIES = [
  ...['', '?', '?limit=500', '?fieldSelector=metadata.name%3Dweb', '?fieldSelector=metadata.name%3Da%20b'],
  ...['?watch=true', '?labelSelector=app%3Dweb', '?labelSelector=ghp_0123456789abcdefghijklmnopqrstuvwxyz', '?limit=a'],
  ...['?includeObject=None', '?fieldSelector=metadata.namespace!%3Dleasegate', '?pretty=1&pretty=2'],
]
const TABLE: HeaderLine = ['accept', 'application/json;as=Table;v=v1;g=meta.k8s.io']
const LINES: readonly (readonly HeaderLine[])[] = [
  [],
  [['user-agent', 'kubectl/v1.36.3 (linux/amd64)']],
  [['user-agent', 'curl ghp_0123456789abcdefghijklmnopqrstuvwxyz'], TABLE],
  [TABLE],
  [['accept', 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io']],
  [
    ['connection', 'upgrade'],
    ['upgrade', 'websocket'],
  ],
  [['content-length', '0']],
  [['content-length', '7']],
  [['impersonate-user', 'admin']],
]

const names = aRule({ resources: ['pods'], resourceNames: ['web', 'db'] })
const many = Array.from({ length: 20 }, (_, at) => aRule({ resources: [`kind${at}`], resourceNames: ['web'] }))
const TEMPLATES: readonly TaskTemplate[] = [
  aTemplate(),
  aTemplate({ rules: [names, aRule({ resources: ['secrets'], metadataOnly: true })] }),
  aTemplate({ rules: [...many, names, aRule({ resources: ['deployments'], labelSelector: 'app=web' })] }),
  aTemplate({
    rules: [
      aRule({ scope: 'cluster', resources: ['nodes', 'namespaces'], resourceNames: ['web'] }),
      aRule({ scope: 'cluster', apiGroups: [], resources: [], nonResourceURLs: ['/healthz/*'], verbs: ['get'] }),
    ],
  }),
]
const RISKY = thePolicy(
  aFile(`[
  {id: own-web, tier: critical, why: is the web, apiGroups: ['*'], resources: [pods], resourceNames: ['we*'], replaces: []},
  {id: own-x, tier: high, why: is in x, apiGroups: ['*'], resources: [deployments], namespaces: [x]}]`),
)
const POLICIES: readonly Policy[] = [
  ...TEMPLATES.map(template => aPolicy({ templates: [template] })),
  {
    ...RISKY,
    templates: RISKY.templates.map(one => ({ ...one, name: 'task', grants: [{ agent: 'bot', namespaces: ['x'] }] })),
  },
]

/** The same policies and leases each time, as they are while a process runs. */
const HOUSES = POLICIES.map((policy, at) => ({ policy, id: `l${at + 1}` }))

function leaseUnder({ policy, id }: (typeof HOUSES)[number], lease: Lease): Lease {
  const [template] = policy.templates
  if (template === undefined) throw new Error('no template')
  const namespaces = ['x']
  return { ...lease, id, namespaces, scope: issueScope(template, namespaces), terms: termsOf(template) }
}

/** Mostly the first few: what is said is known when it was said before. */
function mostly<T>(...all: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...all.slice(0, 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...all) },
  )
}

const A_HEAD = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD'),
  before: fc.constantFrom(...BEFORE, ...BEFORE.slice(0, 4), ...BEFORE.slice(0, 4), ...BEFORE.slice(0, 4)),
  name: fc.constantFrom(...NAMES),
  behind: mostly('', ...BEHIND),
  query: mostly('', ...QUERIES),
  lines: mostly(...LINES),
  session: fc.constantFrom('one', 'two', 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'),
})

describe('what is said of another object of the same kind', () => {
  test.each(HOUSES.map((_, at) => [at] as const))(
    'is what is said of it when it is read anew (policy %i)',
    async at => {
      const house = HOUSES[at]
      if (house === undefined) throw new Error('no such house')
      const road = await aRoad()
      const lease = leaseUnder(house, road.lease)
      const token = await road.tokenFor({ id: lease.id })
      const around: Surroundings = { ...road.around, policy: () => house.policy, findLease: async () => lease }
      const told = async (line: string, headers: readonly HeaderLine[], given: object) => {
        const sent = http(line, null, { headers: [['authorization', `Bearer ${token}`], ...headers], ...given })
        const { key, ...decision } = await authorize(sent, around)
        const { auditId, ...entry } = JSON.parse(road.stores.journal.at(-1) ?? '') as DecisionEntry
        expect([key.auditId, auditId]).toEqual([sent.id, sent.id])
        return { decision, entry }
      }
      const heads = fc.array(A_HEAD, { minLength: 20, maxLength: 100, size: 'max' })
      await fc.assert(
        fc.asyncProperty(heads, async asked => {
          for (const { method, before, name, behind, query, lines, session } of asked) {
            const line = `${method} ${before}${name}${behind}${query}`
            const headers: HeaderLine[] = [...lines, ['kubectl-session', session]]
            const known = await told(line, headers, {})
            expect(known).toEqual(await told(line, headers, { announcedBytes: 0 }))
          }
        }),
        { numRuns: 30 },
      )
      expect(road.failures).toEqual([])
    },
  )
})
