import { randomUUID } from 'node:crypto'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { MAIN } from '../../../local/edition/leasegate.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { loadPolicy } from '../../../src/policy/load/load-policy.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { Settled } from '../../../src/record/journal/journal-entry.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { type QueryServer, startQueryServer } from '../../../src/tap/query-server.ts'
import { issued, journaled } from '../../policy/replay/a-recorded.ts'
import { openTestDatabase, type TestDatabase } from '../../record/embedded.ts'
import { anHttpRequest } from '../../request/a-http-request.ts'
import { CliWorld } from '../cli-world.ts'
import { SURROUNDINGS } from '../leasegate.ts'

let world: CliWorld
let database: TestDatabase
let server: QueryServer
let policy: Policy
beforeAll(async () => {
  world = await CliWorld.start({
    templates: [
      aTemplate('everything', { verbs: ['*'] }),
      aTemplate('delete-pods', { verbs: ['get', 'list', 'delete'] }),
    ],
    env: dir => ({ LEASEGATE_QUERY_SOCKET: `${dir}/query.sock` }),
  })
  policy = await loadPolicy(world.path('policy.yaml'))
  database = await openTestDatabase()
  const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
  server = await startQueryServer(world.path('query.sock'), createQueryRunner(database.clickhouse.reader), log)
})
afterAll(async () => {
  await world.stop()
  await server.stop()
  await database[Symbol.asyncDispose]()
})

function aTemplate(name: string, rule: object): object {
  const rules = [{ apiGroups: [''], resources: ['pods'], ...rule }]
  return { name, grants: [{ agent: 'web-operator', namespaces: ['shop', 'shop-dev'] }], rules, maxTtl: '1h' }
}

async function aLease(): Promise<Lease> {
  const wish = ['--template', 'restart-web', '--reason', 'it hangs', '--namespace', 'shop', '-o', 'json']
  const { stdout } = await world.as('web-operator', 'lease', 'request', ...wish)
  const { state: _, taken: __, ...lease } = JSON.parse(stdout)
  return lease
}

/** Refused under that lease, and on record. */
async function refused(lease: Lease, line: string, settled?: Settled): Promise<string> {
  const [method = '', target = ''] = line.split(' ')
  const id = randomUUID()
  const rows = [issued(lease), journaled(policy, lease, anHttpRequest({ id, method, target }), settled)].map(toRow)
  await createClickHouseSink(database.clickhouse.writer).write(rows)
  return id
}

const DELETE = 'DELETE /api/v1/namespaces/shop/pods/web-1'
const asked = (...args: readonly string[]) => world.as('web-operator', 'lease', 'request', '--reason', 'x', ...args)

async function end(lease: string): Promise<void> {
  expect((await world.as('web-operator', 'lease', 'revoke', lease)).code).toBe(0)
}

describe('leasegate why', () => {
  test('says in plain words what was refused, why, and what to type', async () => {
    const lease = await aLease()
    const id = await refused(lease, DELETE)
    const { code, stdout, stderr } = await world.as('web-operator', 'why', id)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^delete pods web-1 in shop: refused\n/)
    expect(stdout).toContain(`lease ${lease.id} of restart-web, audit id ${id}\n`)
    expect(stdout).toContain('leasegate: outside the scope of the lease: the lease does not grant delete on pods')
    expect(stdout).toContain(
      "What would help:\n  a lease of delete-pods\n    leasegate lease request --template delete-pods --namespace shop --reason 'WHY'\n",
    )
    const json = JSON.parse((await world.as('web-operator', 'why', id, '-o', 'json')).stdout)
    expect(json).toMatchObject({ auditId: id, decision: 'deny', reason: 'out-of-scope' })
    await end(lease.id)
  })

  test('prints the rule that is lacking as the policy file would have it', async () => {
    const lease = await aLease()
    const id = await refused(lease, 'GET /apis/apps/v1/namespaces/shop/deployments/web')
    const { stdout } = await world.as('web-operator', 'why', id)
    const yaml = stdout.slice(stdout.indexOf('    namespaces:'))
    expect(parse(yaml)).toEqual({
      namespaces: ['shop'],
      rules: [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'] }],
    })
    await end(lease.id)
  })

  test('of what was let through says by which rule', async () => {
    const lease = await aLease()
    const id = await refused(lease, 'GET /api/v1/namespaces/shop/pods')
    const { stdout } = await world.as('web-operator', 'why', id)
    expect(stdout).toMatch(/^list pods in shop: let through\n/)
    expect(stdout).toContain('covered by rule 1 of the lease: get,list pods,secrets in shop\n')
    expect(stdout).not.toContain('help')
    await end(lease.id)
  })

  test('ends with exit code 1 for what is no request of yours', async () => {
    const lease = await aLease()
    const id = await refused(lease, DELETE)
    for (const [who, what] of [
      ['triage', id],
      ['web-operator', randomUUID()],
    ] as const)
      expect(await world.as(who, 'why', what)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('no request of yours'),
      })
    await end(lease.id)
  })
})

describe('leasegate lease request --for', () => {
  test('names the templates that cover it, the smallest first, and takes none', async () => {
    const lease = await aLease()
    const id = await refused(lease, DELETE)
    const ran = await asked('--for', id)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toBe(
      'leasegate: what covers it: delete-pods, everything; choose one with --template, the smallest stands first\n',
    )
    const other = await asked('--for', id, '--template', 'restart-web')
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('template restart-web does not cover it; what covers it: delete-pods'),
    })
    await end(lease.id)
  })

  test('asks for the one that is chosen, with the namespaces that the request needs', async () => {
    const lease = await aLease()
    const id = await refused(lease, DELETE)
    const { code, stdout } = await asked('--for', id, '--template', 'delete-pods', '-o', 'json')
    expect(code).toBe(0)
    const taken = JSON.parse(stdout)
    expect(taken).toMatchObject({ template: 'delete-pods', namespaces: ['shop'], task: { reason: 'x' } })
    await end(taken.id)
    await end(lease.id)
  })

  test('asks for the only one that covers it', async () => {
    const lease = await aLease()
    const id = await refused(lease, 'PATCH /api/v1/namespaces/shop-dev/pods/web-1/status')
    const only = await refused(lease, 'GET /api/v1/namespaces/shop-dev/secrets')
    expect((await asked('--for', id)).stderr).toContain('no task template of yours covers it')
    const { stdout, stderr } = await asked('--for', only, '-o', 'json')
    expect(stderr).toBe('')
    const taken = JSON.parse(stdout)
    expect(taken).toMatchObject({ template: 'restart-web', namespaces: ['shop-dev'] })
    await end(taken.id)
    await end(lease.id)
  })

  test.each([
    { name: 'was let through', line: 'GET /api/v1/namespaces/shop/pods', says: 'it was let through' },
    {
      name: 'waits for a yes',
      line: 'GET /api/v1/namespaces/shop/pods',
      settled: { decision: 'pending', reason: '', approval: 'apr_01m8jz7jv7e5kayx7k3akcem5a03' } as const,
      says: 'no lease is lacking: leasegate: waits for approval',
    },
  ])('asks for nothing where it $name', async ({ line, settled, says }) => {
    const lease = await aLease()
    const ran = await asked('--for', await refused(lease, line, settled))
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(says) })
    await end(lease.id)
  })

  test('wants one of both', async () => {
    expect(await asked()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--template, or a refusal with --for'),
    })
  })
})

async function mcpOf(sub: string) {
  const env = { ...SURROUNDINGS, ...(await world.envOf(sub)) }
  const transport = new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], env, stderr: 'inherit' })
  const client = new Client({ name: 'a-model', version: '1' })
  await client.connect(transport)
  const read = async (uri: string) => {
    const [resource] = (await client.readResource({ uri })).contents
    return JSON.parse(resource !== undefined && 'text' in resource ? resource.text : '')
  }
  return { client, read, [Symbol.asyncDispose]: () => client.close() }
}

describe('leasegate mcp', () => {
  test('says why a request was refused, and what was done under its lease', async () => {
    await using mcp = await mcpOf('web-operator')
    const { client, read } = mcp
    const lease = await aLease()
    const auditId = await refused(lease, DELETE)
    const why = await client.callTool({ name: 'why_refused', arguments: { auditId } })
    expect(why.structuredContent).toMatchObject({
      reason: 'out-of-scope',
      help: [{ kind: 'lease', template: 'delete-pods' }, { template: 'everything' }],
    })
    const done = await client.callTool({ name: 'what_did_i_do', arguments: { lease: lease.id } })
    expect(done.structuredContent).toMatchObject({
      requests: { allowed: 0, denied: 1 },
      changes: [],
      denials: [{ what: 'delete pods web-1 in shop', reason: 'out-of-scope', times: 1 }],
    })
    expect(await read(`leasegate://leases/${lease.id}/done`)).toEqual(done.structuredContent)
    await expect(read('leasegate://leases/lse_x/done')).rejects.toThrow()
    const none = await client.callTool({ name: 'what_did_i_do', arguments: { lease: 'lse_x' } })
    expect(none).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('no such lease') }] })
    await end(lease.id)
  })

  test('has the timeline of each lease, in order', async () => {
    await using mcp = await mcpOf('web-operator')
    const lease = await aLease()
    const looked = await refused(lease, 'GET /api/v1/namespaces/shop/pods')
    const deleted = await refused(lease, DELETE)
    const uri = `leasegate://leases/${lease.id}/timeline`
    const { resources } = await mcp.client.listResources()
    expect(resources.map(one => one.uri)).toContain(uri)
    const { events, more } = await mcp.read(uri)
    expect(more).toBe(false)
    const times = events.map(({ at }: { readonly at: string }) => at)
    expect(times).toEqual(times.toSorted())
    expect(events).toHaveLength(3)
    expect(events).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'list pods in shop', decision: 'allow', auditId: looked }),
        expect.objectContaining({ what: 'delete pods web-1 in shop', decision: 'deny', auditId: deleted }),
        { at: expect.any(String), what: expect.stringContaining('lease issued by web-operator'), reason: 'it hangs' },
      ]),
    )
    await end(lease.id)
  })

  test("tells nobody what another's lease did", async () => {
    await using mcp = await mcpOf('triage')
    const lease = await aLease()
    const auditId = await refused(lease, DELETE)
    for (const what of ['done', 'timeline'])
      await expect(mcp.read(`leasegate://leases/${lease.id}/${what}`)).rejects.toThrow('no such lease')
    for (const [name, args] of [
      ['what_did_i_do', { lease: lease.id }],
      ['why_refused', { auditId }],
    ] as const) {
      const { isError, content } = await mcp.client.callTool({ name, arguments: args })
      expect(isError).toBe(true)
      expect(JSON.stringify(content)).toMatch(/no such lease|no request of yours/)
    }
    await end(lease.id)
  })
})
