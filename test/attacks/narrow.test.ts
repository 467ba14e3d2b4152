import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aBoundary, type Boundary } from './a-boundary.ts'

const CORE = '/api/v1/namespaces/dev'
const WEB = '/apis/apps/v1/namespaces/dev/deployments/web'
const JOBS = '/apis/batch/v1/namespaces/dev/jobs'
const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const STEPS = 'application/json-patch+json'
const APPLY = 'application/apply-patch+yaml'
const JSON_TYPE = 'application/json'
const ONE = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const LIST = ONE.replace('Metadata;', 'MetadataList;')
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

/** Let through, or asked about by what it does: no matter of the lease. */
async function isCovered(line: string, headers: readonly string[], body = ''): Promise<boolean> {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  const { status } = await boundary.send('narrow', line, [...headers, ...length], body)
  expect([200, 403, 429]).toContain(status)
  expect(boundary.upstream.received).toHaveLength(status === 200 ? 1 : 0)
  return status !== 403
}

describe('a lease for metadata', () => {
  test.each([
    [`GET ${CORE}/secrets/a`, ONE],
    [`GET ${CORE}/secrets`, LIST],
    [`GET ${CORE}/secrets`, `${LIST}, application/json`],
    [`GET ${CORE}/secrets`, TABLE],
  ])('%s with Accept: %s is covered', async (line, accept) => {
    expect(await isCovered(line, [`Accept: ${accept}`])).toBe(true)
  })

  test.each([
    [`GET ${CORE}/secrets/a`, []],
    [`GET ${CORE}/secrets/a`, ['*/*']],
    [`GET ${CORE}/secrets/a`, [JSON_TYPE]],
    [`GET ${CORE}/secrets/a`, [`application/json,${ONE}`]],
    [`GET ${CORE}/secrets/a`, [`${ONE};q=0.1,application/json`]],
    [`GET ${CORE}/secrets/a`, [JSON_TYPE, ONE]],
    [`GET ${CORE}/secrets/a`, [ONE.replace('v1', 'v2')]],
    [`GET ${CORE}/secrets/a`, [ONE.replace('as=', 'AS=')]],
    [`GET ${CORE}/secrets/a`, [`${ONE}\t,application/json`]],
    [`GET ${CORE}/secrets?watch=true`, [LIST]],
    [`GET ${CORE}/secrets?includeObject=Object`, [TABLE]],
    [`GET ${CORE}/secrets?includeObject=object`, [TABLE]],
    [`DELETE ${CORE}/secrets/a`, [ONE]],
  ])('%s with Accept: %j is not', async (line, accept) => {
    expect(
      await isCovered(
        line,
        accept.map(value => `Accept: ${value}`),
      ),
    ).toBe(false)
  })
})

describe('a lease for what is selected', () => {
  test.each([
    [`GET ${CORE}/pods?labelSelector=app%3Dweb`, true],
    [`GET ${CORE}/pods?labelSelector=tier,app+in+(web)`, true],
    [`DELETE ${CORE}/pods?labelSelector=app%3Dweb`, true],
    [`GET ${CORE}/pods`, false],
    [`GET ${CORE}/pods?labelSelector=`, false],
    [`GET ${CORE}/pods?labelSelector=app`, false],
    [`GET ${CORE}/pods?labelSelector=app%3Dwebx`, false],
    [`GET ${CORE}/pods?labelSelector=app+in+(web,api)`, false],
    [`GET ${CORE}/pods?labelSelector=app!%3Dweb`, false],
    [`GET ${CORE}/pods?fieldSelector=app%3Dweb`, false],
    [`GET ${CORE}/pods/other?labelSelector=app%3Dweb`, false],
    [`GET /api/v1/watch/namespaces/dev/pods?labelSelector=app%3Dweb`, false],
    [`DELETE ${CORE}/pods`, false],
    [`DELETE ${CORE}/pods/other?labelSelector=app%3Dweb`, false],
  ])('%s: %s', async (line, want) => {
    expect(await isCovered(line, [])).toBe(want)
  })
})

describe('a lease for certain values', () => {
  const inPod = (spec: object) => ({ spec: { template: { spec } } })
  const containers = (...list: readonly object[]) => inPod({ containers: list })
  const good = { name: 'web', image: 'registry.corp/web:1' }
  const bad = { name: 'web', image: 'registry.corp.evil.example/web' }
  const at = '/spec/template/spec/containers/0/image'

  test.each([
    { line: `PATCH ${WEB}`, type: MERGE, body: { spec: { replicas: 5 } }, want: true },
    { line: `PATCH ${WEB}`, type: STRATEGIC, body: containers(good), want: true },
    { line: `PATCH ${WEB}`, type: STEPS, body: [{ op: 'replace', path: at, value: good.image }], want: true },
    { line: `POST ${JOBS}`, type: JSON_TYPE, body: containers(good), want: true },
    { line: `PATCH ${WEB}`, type: MERGE, body: { spec: { replicas: 6 } }, want: false },
    { line: `PATCH ${WEB}`, type: MERGE, body: '{"spec":{"replicas":1,"replicas":50}}', want: false },
    { line: `PATCH ${WEB}`, type: MERGE, body: '{"spec":{"replicas":1,"replica\\u0073":50}}', want: false },
    { line: `PATCH ${WEB}`, type: MERGE, body: '{"spec":{"replicas":5.1}}', want: false },
    { line: `PATCH ${WEB}`, type: STRATEGIC, body: containers(bad), want: false },
    { line: `PATCH ${WEB}`, type: STRATEGIC, body: containers({ ...good, command: ['sh'] }), want: false },
    { line: `PATCH ${WEB}`, type: MERGE, body: containers(good), want: false },
    { line: `PATCH ${WEB}`, type: STEPS, body: [{ op: 'replace', path: at, value: bad.image }], want: false },
    {
      line: `PATCH ${WEB}`,
      type: STEPS,
      body: [{ op: 'copy', from: '/metadata/annotations/a', path: at }],
      want: false,
    },
    { line: `PATCH ${WEB}?fieldManager=a`, type: APPLY, body: containers(good), want: false },
    { line: `PUT ${WEB}`, type: JSON_TYPE, body: containers(good), want: false },
    { line: `POST ${JOBS}`, type: JSON_TYPE, body: containers(bad), want: false },
    { line: `POST ${JOBS}`, type: JSON_TYPE, body: inPod({ initContainers: [bad], containers: [good] }), want: false },
    { line: `POST ${JOBS}`, type: 'application/cbor', body: 'x', want: false },
    { line: `PATCH ${JOBS}/j?fieldManager=a`, type: APPLY, body: containers(bad), want: false },
  ])('$line as $type with $body: $want', async ({ line, type, body, want }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    expect(await isCovered(line, [`Content-Type: ${type}`], text)).toBe(want)
  })
})
