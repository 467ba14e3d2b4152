import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { listensOn } from '../../../local/process/listens-on.ts'
import { freePort } from '../../../local/process/ports.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { startAuditWebhook } from '../../../src/record/reconcile/audit-webhook.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { type QueryServer, startQueryServer } from '../../../src/tap/query-server.ts'
import { SURROUNDINGS } from '../../cli/leasegate.ts'
import { until } from '../../support/until.ts'
import { openTestDatabase, type TestDatabase } from '../embedded.ts'
import { asked, decision, item, outcome } from '../entries.ts'

const supervisor = new Supervisor()
let directory: string
let database: TestDatabase
let queries: QueryServer
let cluster: Cluster
let reconcile: ChildProcess
let port: number
let printed = ''
let noted = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-audit-'))
  database = await openTestDatabase()
  const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
  const socket = join(directory, 'query.sock')
  queries = await startQueryServer(socket, createQueryRunner(database.clickhouse.reader), log)
  port = await freePort()
  const options = ['--boundary-user', 'the-boundary', '--grace', '2s', '-o', 'json']
  reconcile = spawn(process.execPath, [MAIN, 'reconcile', '--listen', `127.0.0.1:${port}`, ...options], {
    env: { ...SURROUNDINGS, LEASEGATE_QUERY_SOCKET: socket },
  })
  reconcile.stdout?.setEncoding('utf8').on('data', text => (printed += text))
  reconcile.stderr?.setEncoding('utf8').on('data', text => (noted += text))
  const config = join(directory, 'webhook.yaml')
  await writeFile(config, webhookConfig(`http://127.0.0.1:${port}`))
  cluster = await startCluster({
    toolchain: await ensureToolchain(() => undefined),
    directory: join(directory, 'c'),
    supervisor,
    apiServerFlags: [`--audit-webhook-config-file=${config}`, '--audit-webhook-batch-max-wait=200ms'],
  })
  await letImpersonate('the-boundary')
})
afterAll(async () => {
  reconcile.kill('SIGKILL')
  await supervisor.stop()
  await queries.stop()
  await database[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

/** A kubeconfig is how an API server is told where its webhook is. */
function webhookConfig(server: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'reconcile', cluster: { server } }],
    users: [{ name: 'apiserver', user: {} }],
    contexts: [{ name: 'webhook', context: { cluster: 'reconcile', user: 'apiserver' } }],
    'current-context': 'webhook',
  })
}

async function letImpersonate(user: string): Promise<void> {
  const resources = '--resource=users,groups,userextras.authentication.k8s.io/leasegate.dev/lease'
  await cluster.admin(['create', 'clusterrole', 'impersonate', '--verb=impersonate', resources])
  await cluster.admin(['create', 'clusterrolebinding', 'impersonate', '--clusterrole=impersonate', `--user=${user}`])
}

/** As the boundary's Envoy would send it, by a client certificate. */
async function send(path: string, auditId: string): Promise<number> {
  const { certificateFile, keyFile } = await cluster.authority.issue({ name: 'b', subject: 'CN=the-boundary' })
  const options = {
    cert: await readFile(certificateFile),
    key: await readFile(keyFile),
    ca: await readFile(cluster.caFile),
    headers: {
      'Audit-ID': auditId,
      'Impersonate-User': 'leasegate:fixer',
      'Impersonate-Group': ['leasegate:agents', 'leasegate:task:restart-web'],
      'Impersonate-Extra-Leasegate.dev%2flease': 'lse_1',
    },
  }
  return new Promise((resolve, reject) => {
    request(`${cluster.server}${path}`, options, response => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
      .once('error', reject)
      .end()
  })
}

async function record(auditId: string, name: string): Promise<void> {
  const path = `/api/v1/namespaces/default/pods/${name}`
  const info = asked({ namespace: 'default', name })
  const entry = decision({ auditId, decidedAt: Date.now(), path, info })
  const sink = createClickHouseSink(database.clickhouse.writer)
  await sink.write([toRow(item(entry)), toOutcomeRow(outcome(entry, { status: 403 }), '')])
}

interface Line {
  readonly check: string
  readonly severity: string
  readonly what: string
}

const lines = (): readonly Line[] =>
  printed
    .split('\n')
    .filter(text => text !== '')
    .map(text => JSON.parse(text))

const PODS = '/api/v1/namespaces/default/pods'

describe('leasegate reconcile --listen', () => {
  test('as the audit webhook of a real API server names what has no row or another one, and ends with an error', async () => {
    const ids = Array.from({ length: 4 }, () => crypto.randomUUID())
    const [good = '', none = '', other = '', never = ''] = ids
    await record(good, 'web-1')
    expect(await send(`${PODS}/web-1`, good)).toBe(403)
    expect(await send(`${PODS}/web-2`, none)).toBe(403)
    await record(other, 'web-3')
    expect(await send(`${PODS}/web-4`, other)).toBe(403)
    await record(never, 'web-5')
    await until('three findings', () => lines().length >= 3)
    const found = Object.fromEntries(lines().map(({ check, what }) => [check, what]))
    expect(found['no-row']).toContain(none)
    expect(found['different']).toContain('object: recorded pods web-3 in default, done pods web-4 in default')
    expect(found['unseen']).toContain(never)
    expect(printed).not.toContain(good)
    const ended = new Promise(resolve => reconcile.once('close', resolve))
    reconcile.kill('SIGTERM')
    expect(await ended).toBe(1)
    expect(noted).toMatch(/listening on 127\.0\.0\.1:\d+\n.*\d+ requests compared, 3 findings\n/)
  })
})

describe('startAuditWebhook', () => {
  async function answers(method: string, body: string, takes = true): Promise<number> {
    const at = await freePort()
    const address = { kind: 'tcp', host: '127.0.0.1', port: at } as const
    const webhook = await startAuditWebhook({ address, tls: null, onEvents: () => takes })
    const init = method === 'GET' ? {} : { body }
    const { status } = await fetch(`http://127.0.0.1:${at}/`, { method, ...init })
    await webhook.stop()
    return status
  }

  test.each([
    { name: 'a list', method: 'POST', body: '{"items":[]}', want: 200 },
    { name: 'no list', method: 'POST', body: '{}', want: 400 },
    { name: 'no JSON', method: 'POST', body: 'x', want: 400 },
    { name: 'another method', method: 'GET', body: '', want: 405 },
  ])('answers $name with $want', async ({ method, body, want }) => expect(await answers(method, body)).toBe(want))

  test('asks to be told again when there is no room', async () => {
    expect(await answers('POST', '{"items":[]}', false)).toBe(503)
  })

  test('beyond loopback hears nobody without a certificate of the right authority', async () => {
    const { certificateFile, keyFile } = await cluster.authority.issue({
      name: 'w',
      subject: 'CN=w',
      servedAs: ['127.0.0.1'],
    })
    const client = await cluster.authority.issue({ name: 'wc', subject: 'CN=kube-apiserver' })
    const at = await freePort()
    const [certificate, key, clientCa] = await Promise.all(
      [certificateFile, keyFile, cluster.caFile].map(file => readFile(file, 'utf8')),
    )
    const webhook = await startAuditWebhook({
      address: { kind: 'tcp', host: '127.0.0.1', port: at },
      tls: { certificate: certificate ?? '', key: key ?? '', clientCa: clientCa ?? '' },
      onEvents: () => true,
    })
    const post = (shown: object): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port: at, method: 'POST', ca: clientCa, ...shown }, response => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        sent.once('error', reject)
        sent.end('{"items":[]}')
      })
    await expect(post({})).rejects.toThrow()
    const known = { cert: await readFile(client.certificateFile), key: await readFile(client.keyFile) }
    expect(await post(known)).toBe(200)
    await webhook.stop()
  })

  test('listens on a socket too', async () => {
    const path = join(directory, 'audit.sock')
    const webhook = await startAuditWebhook({ address: { kind: 'unix', path }, tls: null, onEvents: () => true })
    expect(await listensOn(path)).toBe(true)
    await webhook.stop()
  })
})
