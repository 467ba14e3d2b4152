import { randomBytes } from 'node:crypto'
import { appendFile, readdir, readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BOUNDARY_ACCOUNT, BOUNDARY_NAMESPACE } from '../../../local/edition/cluster/boundary-namespace.ts'
import { createTapQueryRunner } from '../../../src/record/queries/tap-query-runner.ts'
import { readUnlessGone } from '../../support/read-unless-gone.ts'
import { until } from '../../support/until.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'
import { anEdition, type TestEdition } from '../an-edition.ts'

let playing: TestEdition
let lease: string
let token: string

beforeAll(async () => {
  playing = await anEdition()
  const { policyFile, directory, names } = playing.edition
  await appendFile(policyFile, '\nmask:\n  names: [otp]\n  prefixes: [acme_]\n')
  const known = async () => {
    const logs = ['authorizer-0', 'authorizer-1', 'broker'].map(name =>
      readFile(join(directory, `${name}.log`), 'utf8'),
    )
    return (await Promise.all(logs)).every(log => log.includes('policy changed'))
  }
  await until('the new policy', known)
  lease = await playing.lease(names.inspect, '--ttl', '30m')
  token = await playing.token(lease)
})
afterAll(() => playing.stop())

const portOf = (url: string): number => Number(url.split(':').at(-1))

function send(line: string, headers: readonly string[] = [], body: string | Buffer = '', bearer = token) {
  const authorization = bearer === '' ? [] : [`Authorization: Bearer ${bearer}`]
  const lines = [`${line} HTTP/1.1`, 'Host: boundary', ...authorization, ...headers]
  return patientRequest(portOf(playing.edition.boundaryUrl), lines, body)
}

/** Every canary and where it was put. */
const planted = new Map<string, string>()

function canary(where: string): string {
  const value = `c4n4ry${randomBytes(8).toString('hex')}`
  planted.set(value, where)
  return value
}

/** A request with a body that says its length. */
function sendBody(line: string, body: string, type = 'application/json', bearer = token) {
  return send(line, [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`], body, bearer)
}

async function plantInRequests(pods: string): Promise<void> {
  await send(`GET ${pods}`, [`X-Anything: ${canary('a header')}`, `X-Request-Id: ${canary('a request id')}`])
  await send(`GET ${pods}`, [`Cookie: session=${canary('a cookie')}`, `X-Forwarded-For: ${canary('an address')}`])
  await send(`GET ${pods}`, [`User-Agent: tool/1.0 token=${canary('the user agent')}`])
  await send(`GET ${pods}`, [`Kubectl-Command: kubectl --token=${canary('kubectl’s command')}`])
  await send(`GET ${pods}`, [`Kubectl-Session: Bearer ${canary('kubectl’s session')}`])
  await send(`GET ${pods}`, [`Impersonate-User: ${canary('an impersonation')}`])
  await send(`GET ${pods}`, [`Audit-ID: ${canary('an audit id')}`])
  await send(`GET ${pods}`, [`Traceparent: 00-${canary('a trace')}-01`])
  await send(`GET ${pods}?token=${canary('a query')}&pretty=${canary('a value in a query')}`)
  await send(`GET ${pods}?labelSelector=password%3D${canary('a selector')}`)
  await send(`GET ${pods}?fieldSelector=token%3D${canary('a field selector')}`)
  await send(`GET ${pods}/ghp_${canary('a name like a token')}`)
  await send(`GET ${pods};token=${canary('a path parameter')}`)
  await send(`GET ${pods}/x%2ftoken=${canary('an escaped path')}`)
  await send(`GET /token=${canary('a path of nothing')}`)
  await send(`GET https://me:${canary('user info')}@boundary${pods}`)
  await send(`GET ${pods}`, [], '', canary('a bad token'))
  await send(`GET ${pods}`, [], '', `e30.${canary('a token’s payload')}.e30`)
  await send(`GET ${pods}`, [`Authorization: Basic ${canary('basic credentials')}`], '', '')
  const chunked = `0\r\nX-Trailer: ${canary('a trailer')}\r\n\r\n`
  await send(`POST ${pods}`, ['Content-Type: application/json', 'Transfer-Encoding: chunked'], chunked)
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: AAAA`]
  const protocol = Buffer.from(canary('a bearer protocol')).toString('base64url')
  planted.set(protocol, 'a bearer protocol, encoded')
  await send(`GET ${pods}/x/exec?command=ls`, [
    ...upgrade,
    `Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.${protocol}, v5.channel.k8s.io`,
  ])
}

async function plantInBodies(app: string, bearer: string): Promise<void> {
  const at = (kind: string) => `POST /api/v1/namespaces/${app}/${kind}`
  const object = (kind: string, name: string, data: object) =>
    JSON.stringify({ apiVersion: 'v1', kind, metadata: { name }, ...data })
  const encoded = Buffer.from(canary('a Secret')).toString('base64')
  planted.set(encoded, 'a Secret, encoded')
  const made = await sendBody(at('secrets'), object('Secret', 's-1', { data: { a: encoded } }), undefined, bearer)
  expect(made.status).toBe(201)
  const texts = { stringData: { a: canary('a Secret’s text') } }
  await sendBody(at('secrets'), object('Secret', 's-2', texts), undefined, bearer)
  const map = object('ConfigMap', 'c-1', { data: { a: canary('a ConfigMap') } })
  expect((await sendBody(at('configmaps'), map, undefined, bearer)).status).toBe(201)
  await sendBody(at('configmaps'), `{"kind":"ConfigMap","a":${canary('broken JSON')}`, undefined, bearer)
  await sendBody(at('configmaps'), `kind: ${canary('YAML')}`, 'application/yaml', bearer)
  const odd = `no key: ${canary('an error answer')}`
  const refused = await sendBody(
    at('configmaps'),
    object('ConfigMap', 'c-odd', { data: { [odd]: '' } }),
    undefined,
    bearer,
  )
  expect(refused).toMatchObject({ status: 422, body: expect.stringContaining(odd) })
  const patch = JSON.stringify({ data: { a: canary('a patch') } })
  const target = `PATCH /api/v1/namespaces/${app}/configmaps/c-1`
  expect((await sendBody(target, patch, 'application/merge-patch+json', bearer)).status).toBe(200)
  const large = Buffer.alloc(3 * 1024 * 1024 + 100, canary('too large a body'))
  await send(at('configmaps'), ['Content-Type: application/json', `Content-Length: ${large.length}`], large, bearer)
}

async function plantInCommands(app: string, deployment: string): Promise<void> {
  const run = (...command: readonly string[]) =>
    playing.stage.kubectl(['exec', `deployment/${deployment}`, '-n', app, '--', ...command])
  await run('echo', `--password=${canary('an option')}`, '--token', canary('the next argument'))
  await run('echo', '--otp', canary('an option of the policy'), `acme_${canary('a prefix of the policy')}`)
  await run('sh', '-c', `PGPASSWORD=${canary('a variable in a script')} echo; mysql -p${canary('a short option')}`)
  await run('echo', `postgres://me:${canary('user info in an argument')}@db/x`)
}

async function plantAtTheBroker(): Promise<void> {
  const { names, environments } = playing.edition
  const port = portOf(environments.agent['LEASEGATE_BROKER_URL'] ?? '')
  const why = (where: string) => `use token=${canary(where)}`
  const told = ['--reason', why('a reason'), '--task', why('a task'), '--ticket', why('a ticket'), '-o', 'json']
  const asked = await playing.leasegate('agent', 'lease', 'request', '--template', names.restart, ...told)
  const { id } = JSON.parse(asked.stdout) as { readonly id: string }
  const end = ['lease', 'revoke', id, '--reason', why('the reason of a revocation')]
  expect((await playing.leasegate('admin', ...end)).code).toBe(0)
  const identity = await playing.stage.identityToken()
  const post = (path: string, bearer: string, body: string) =>
    patientRequest(
      port,
      [`POST ${path} HTTP/1.1`, 'Host: b', `Authorization: Bearer ${bearer}`, `Content-Length: ${body.length}`],
      body,
    )
  await post('/v1/leases', identity, `{"a":"${canary('a wish')}"`)
  await post('/v1/leases', identity, `{"${canary('a field')}":1}`)
  await post(`/v1/leases?token=${canary('a query at the broker')}`, identity, '{}')
  await post('/v1/leases', canary('a bad identity token'), '{}')
}

/** Files that exist to hold a credential, and the cluster's own. */
const ELSEWHERE = /(^|\/)(cluster|keys|boundary)(\/|$)|\.token$/

async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(file => !ELSEWHERE.test(file.slice(directory.length)))
}

/** Every store, log and stream: by SQL, because the tables' files are compressed, and all files as they are. */
async function everythingKept(): Promise<ReadonlyMap<string, string>> {
  const { directory } = playing.edition
  const tables = await playing.sql<{ name: string }>("SELECT name FROM system.tables WHERE database = 'leasegate'")
  const kept = new Map<string, string>()
  const run = createTapQueryRunner(playing.edition.sockets.query)
  for (const { name } of tables) {
    const { rows } = await run({ kind: 'sql', sql: `SELECT * FROM ${name}` })
    kept.set(`table ${name}`, JSON.stringify(rows))
  }
  for (const file of await filesIn(directory)) kept.set(file.slice(directory.length), await readUnlessGone(file))
  return kept
}

describe('nothing secret is kept', () => {
  test('in tables, journal, files and logs, wherever a client puts it', async () => {
    const { names } = playing.edition
    const plain = `marker${randomBytes(6).toString('hex')}`
    await plantInRequests(`/api/v1/namespaces/${names.app}/pods`)
    const mine = await playing.lease(names.own)
    await plantInBodies(names.app, await playing.token(mine))
    await playing.lease(names.inspect)
    await plantInCommands(names.app, names.deployment)
    await plantAtTheBroker()
    const identity = await playing.stage.identityToken()
    const boundary = (await readFile(join(playing.edition.directory, 'boundary', 'token'), 'utf8')).trim()
    for (const [name, value] of Object.entries({ token, identity, boundary })) {
      planted.set(value.split('.')[2] ?? value, `the signature of ${name}`)
    }
    await send(`GET /api/v1/namespaces/${names.app}/pods`, [`User-Agent: ${plain}`])
    const marked = "SELECT count() AS n FROM requests WHERE startsWith(user_agent, 'marker')"
    await until('the record', async () => Number((await playing.sql<{ n: string }>(marked))[0]?.n) === 1)

    const kept = await everythingKept()
    const found = [...kept].flatMap(([place, text]) =>
      [...planted].filter(([value]) => text.includes(value)).map(([, where]) => `${where} is in ${place}`),
    )
    expect(found).toEqual([])
    expect(planted.size).toBeGreaterThan(40)
    // What is no secret is found by the same search, so it does look there.
    const places = [...kept].filter(([, text]) => text.includes(plain)).map(([place]) => place)
    expect(places).toEqual(expect.arrayContaining(['table requests', 'table request_halves']))
    expect(places.some(place => place.includes('appendonly'))).toBe(true)
  })
})

const BOUNDARY_USER = `system:serviceaccount:${BOUNDARY_NAMESPACE}:${BOUNDARY_ACCOUNT}`

interface Report {
  readonly checks: readonly { readonly name: string; readonly findings: readonly { readonly what: string }[] }[]
}

async function reconcile(): Promise<{ readonly code: number; readonly found: Readonly<Record<string, string[]>> }> {
  const { cluster, policyFile } = playing.edition
  const with_ = ['--boundary-user', BOUNDARY_USER, '--policy', policyFile, '-o', 'json']
  const ran = await playing.leasegate('admin', 'reconcile', '--audit-log', cluster.auditLog, ...with_)
  const { checks } = JSON.parse(ran.stdout) as Report
  const wrong = checks.filter(({ findings }) => findings.length > 0)
  return {
    code: ran.code,
    found: Object.fromEntries(wrong.map(one => [one.name, one.findings.map(({ what }) => what)])),
  }
}

/** Past the boundary. */
function direct(bearer: string, path: string, headers: Readonly<Record<string, string | string[]>>): Promise<number> {
  const { server } = playing.edition.cluster
  const options = { rejectUnauthorized: false, headers: { authorization: `Bearer ${bearer}`, ...headers } }
  return new Promise((resolve, reject) => {
    request(`${server}${path}`, options, response => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
      .once('error', reject)
      .end()
  })
}

describe('leasegate reconcile', () => {
  test('has nothing to say of what came through the boundary', async () => {
    // Everything above: reads, writes, execs over WebSocket, refusals.
    await until('the record', async () => (await reconcile()).code === 0)
    expect(await reconcile()).toEqual({ code: 0, found: {} })
  })

  test('names what came around it', async () => {
    const { names, directory } = playing.edition
    const boundary = (await readFile(join(directory, 'boundary', 'token'), 'utf8')).trim()
    const path = `/api/v1/namespaces/${names.app}/pods`
    const as = {
      'impersonate-user': `leasegate:${names.agent}`,
      'impersonate-group': ['leasegate:agents', `leasegate:task:${names.inspect}`],
      'impersonate-extra-leasegate.dev%2flease': lease,
    }
    const [earlier] = await playing.sql<{ audit_id: string }>(
      `SELECT audit_id FROM requests WHERE lease = '${lease}' AND verb = 'list' AND forwarded LIMIT 1`,
    )
    expect(await direct(boundary, path, as)).toBe(200)
    expect(await direct(boundary, `${path}/x`, { ...as, 'audit-id': earlier?.audit_id ?? '' })).toBe(404)
    expect(await direct(boundary, '/version', {})).toBe(200)
    expect(await direct(await identityForCluster(), '/version', {})).toBe(200)
    const { code, found } = await reconcile()
    expect(code).toBe(1)
    expect(found['on-record']).toEqual([expect.stringContaining(`no row for list pods in ${names.app}`)])
    expect(found['once']).toEqual([expect.stringContaining(earlier?.audit_id ?? 'none')])
    expect(found['as-recorded']).toEqual([
      expect.stringMatching(/verb: recorded list, done get; object: recorded pods/),
    ])
    expect(found['boundary-account']).toEqual([expect.stringContaining('get /version by system:serviceaccount')])
    expect(found['agents-themselves']).toEqual([expect.stringContaining(names.agent)])
    expect(Object.keys(found)).toHaveLength(5)
  })

  /** The agent's service account with the audience of the API server. */
  async function identityForCluster(): Promise<string> {
    const { names, cluster } = playing.edition
    return (await cluster.admin(['create', 'token', names.agent, '-n', names.agentNamespace])).stdout.trim()
  }
})
