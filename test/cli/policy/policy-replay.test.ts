import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { type QueryServer, startQueryServer } from '../../../src/tap/query-server.ts'
import { aLeaseOf, HOLDER, issued, journaled, NOW, PERSON } from '../../policy/replay/a-recorded.ts'
import { aPolicyOf, FILE } from '../../policy/replay/policies.ts'
import { openTestDatabase, type TestDatabase } from '../../record/embedded.ts'
import { anHttpRequest, SPDY } from '../../request/a-http-request.ts'
import { leasegate } from '../leasegate.ts'

let dir: string
let database: TestDatabase
let server: QueryServer

const POLICY = aPolicyOf()
const LEASE = aLeaseOf(POLICY, { agent: 'bot', template: 'narrow', namespaces: ['shop'] })
const WIDE = aLeaseOf(POLICY, { agent: 'bot', template: 'wide', namespaces: ['dev'] }, 'lse_2')

/** Of a template that wants all that a lease may be bound by. */
const STRICT_FILE = FILE.replace(
  '  - name: narrow\n',
  `  - name: strict
    grants: [{agent: bot, namespaces: [dev]}]
    rules: [{verbs: [get], apiGroups: [''], resources: [pods]}, {verbs: [create], apiGroups: [''], resources: [pods/exec]}]
    maxTtl: 1h
    certificate: required
    onBehalfOf: required
    watched: [exec]
  - name: narrow
`,
)
const STRICT = aPolicyOf(() => STRICT_FILE)
const BOUND = { agent: 'bot', template: 'strict', namespaces: ['dev'], holder: HOLDER, onBehalfOf: PERSON }
const STRICTLY = aLeaseOf(STRICT, BOUND, 'lse_3')
/** An actor's name could say anything. */
const THROUGH = aLeaseOf(STRICT, BOUND, 'lse_4', { actors: [{ subject: 'desk' }] })
const LOST = aLeaseOf(POLICY, { agent: 'bot', template: 'wide', namespaces: ['dev'] }, 'lse_5', { template: 'lost' })

function exec(id: string) {
  const target = '/api/v1/namespaces/dev/pods/p/exec?command=ls'
  return anHttpRequest({ id, method: 'POST', target, headers: SPDY })
}

function asked(id: string, line: string, body = '') {
  const [method = '', target = ''] = line.split(' ')
  const headers = body === '' ? [] : [['content-type', 'application/merge-patch+json'] as const]
  return anHttpRequest({ id, method, target, headers, body: Buffer.from(body) })
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-replay-'))
  database = await openTestDatabase()
  const ofNarrow = [
    asked('list-1', 'GET /api/v1/namespaces/shop/pods'),
    asked('list-2', 'GET /api/v1/namespaces/shop/pods'),
    asked('get-1', 'GET /api/v1/namespaces/shop/pods/web'),
    asked('delete-1', 'DELETE /api/v1/namespaces/shop/pods/web'),
    asked('scale-1', 'PATCH /apis/apps/v1/namespaces/shop/deployments/web', '{"spec":{"replicas":2}}'),
  ]
  const ofWide = [
    asked('secret-1', 'GET /api/v1/namespaces/dev/secrets/s'),
    asked('nodes-1', 'GET /api/v1/nodes'),
    asked('metrics-1', 'GET /metrics'),
  ]
  const revoked = { decision: 'deny', reason: 'lease-revoked', approval: '' } as const
  const stolen = { decision: 'deny', reason: 'other-certificate', approval: '' } as const
  const items = [
    issued(LEASE),
    issued(WIDE),
    ...ofNarrow.map(http => journaled(POLICY, LEASE, http)),
    ...ofWide.map(http => journaled(POLICY, WIDE, http)),
    journaled(POLICY, WIDE, asked('late-1', 'GET /metrics'), revoked),
    journaled(POLICY, LOST, asked('lost-1', 'GET /api/v1/namespaces/dev/pods')),
    issued(STRICTLY),
    issued(THROUGH),
    journaled(STRICT, STRICTLY, asked('bound-1', 'GET /api/v1/namespaces/dev/pods/p')),
    journaled(STRICT, STRICTLY, asked('other-1', 'GET /api/v1/namespaces/dev/services')),
    journaled(STRICT, STRICTLY, exec('watched-1'), undefined, ['ada']),
    journaled(STRICT, STRICTLY, exec('unwatched-1')),
    journaled(STRICT, STRICTLY, asked('stolen-1', 'GET /api/v1/namespaces/dev/pods/p'), stolen),
    journaled(STRICT, THROUGH, asked('through-1', 'GET /api/v1/namespaces/dev/pods/p')),
  ]
  await createClickHouseSink(database.clickhouse.writer).write(items.map(toRow))
  const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
  server = await startQueryServer(join(dir, 'query.sock'), createQueryRunner(database.clickhouse.reader), log)
})
afterAll(async () => {
  await server.stop()
  await database[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

const SINCE = new Date(NOW - 1000).toISOString()

async function replay(policy: string, ...args: readonly string[]) {
  const file = join(dir, 'next.yaml')
  await writeFile(file, policy)
  const env = { LEASEGATE_QUERY_SOCKET: join(dir, 'query.sock') }
  return leasegate(['policy', 'replay', '--since', SINCE, file, ...args], env)
}

describe('leasegate policy replay', () => {
  test('the policy that decided decides the same, and what the record cannot tell is no difference', async () => {
    const { code, stdout, stderr } = await replay(STRICT_FILE, '-o', 'json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const counts = { same: 11, other: 0, untold: 2, notJudged: 2, notIssued: 1, whole: true }
    expect(JSON.parse(stdout)).toMatchObject(counts)
  })

  test('says what a changed one decides otherwise: how often, why, and for which requests', async () => {
    const edited = STRICT_FILE.replace(
      'verbs: [get, list, watch], apiGroups',
      'verbs: [get, delete], apiGroups',
    ).replace('high: ask', 'high: never')
    const { code, stdout, stderr } = await replay(edited, '-o', 'json')
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('4 requests would be decided otherwise'),
    })
    const { groups } = JSON.parse(stdout)
    expect(groups).toMatchObject([
      {
        verb: 'list',
        resource: 'pods',
        namespace: 'shop',
        was: 'allow',
        now: ['deny'],
        whyNow: 'out-of-scope',
        requests: 2,
        examples: ['list-1', 'list-2'],
      },
      { verb: 'delete', resource: 'pods', was: 'deny', why: 'out-of-scope', now: ['allow'], examples: ['delete-1'] },
      {
        verb: 'get',
        resource: 'secrets',
        was: 'ask',
        why: 'secrets-get',
        now: ['deny'],
        whyNow: 'too-risky: secrets-get',
        examples: ['secret-1'],
      },
      { verb: 'patch', resource: 'deployments.apps', lacking: 'body', examples: ['scale-1'] },
      { verb: 'get', resource: 'pods', lacking: 'holder', examples: ['through-1'] },
    ])
  })

  test('in words, and of one template alone', async () => {
    const edited = FILE.replace('verbs: [get, list, watch], apiGroups', 'verbs: [get], apiGroups')
    const { code, stdout } = await replay(edited, '--template', 'narrow')
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /^5 requests: 2 decided the same, 2 otherwise, 1 cannot be told, 0 were not decided by a policy\n/,
    )
    expect(stdout).toMatch(/allow +deny \(out-of-scope\) +list pods +- +2 +list-1 list-2/)
    expect(stdout).toMatch(/what was sent/)
    expect(await replay(edited, '--template', 'wide')).toMatchObject({ code: 0 })
  })

  test('a lease for a person, one that is bound, and a watched session are the same under the same policy', async () => {
    const { code, stdout, stderr } = await replay(STRICT_FILE, '--template', 'strict', '-o', 'json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ same: 4, other: 0, untold: 1, notJudged: 1, notIssued: 0 })
    expect(JSON.parse(stdout).groups).toMatchObject([{ lacking: 'holder', examples: ['through-1'] }])
  })

  test('says how many requests are of leases that are not on record', async () => {
    const { stdout } = await replay(FILE, '--template', 'lost')
    expect(stdout).toMatch(
      /^1 request: 0 decided the same, 0 otherwise, 0 cannot be told, 0 were not decided by a policy, 1 of leases that are not on record\n$/,
    )
  })

  test.each([
    { name: 'a file that is no policy', policy: 'templates: 1', args: [], code: 2 },
    { name: 'a time that is none', policy: FILE, args: ['--since', 'yesterday'], code: 2 },
  ])('does not take $name', async ({ policy, args, code }) => {
    expect(await replay(policy, ...args)).toMatchObject({ code, stdout: '' })
  })
})
