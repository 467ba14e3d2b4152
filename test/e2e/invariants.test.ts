import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../local/process/ports.ts'
import { answer } from '../../local/story/answer.ts'
import { stretched, until } from '../support/until.ts'
import { patientRequest } from '../support/wire/patient-request.ts'
import { rawRequest } from '../support/wire/raw-request.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

let playing: TestEdition
let port: number
let lease: string
let token: string

beforeAll(async () => {
  playing = await anEdition()
  port = Number(playing.edition.boundaryUrl.split(':').at(-1))
  lease = await playing.lease(playing.edition.names.inspect, '--ttl', '30m')
  token = await playing.token(lease)
})
afterAll(() => playing.stop())

const pods = () => `/api/v1/namespaces/${playing.edition.names.app}/pods`

/** A request with a good lease token, and whatever else. */
function send(line: string, headers: readonly string[] = [], body: string | Buffer = '', bearer = token) {
  const authorization = bearer === '' ? [] : [`Authorization: Bearer ${bearer}`]
  return rawRequest(port, [`${line} HTTP/1.1`, 'Host: boundary', ...authorization, ...headers], body)
}

async function auditIds(): Promise<ReadonlySet<string>> {
  return new Set((await playing.stage.audit()).map(({ auditId }) => auditId))
}

describe('the identity is ours', () => {
  test.each([
    ['Impersonate-User: system:admin'],
    ['impersonate-group: system:masters'],
    ['Impersonate-Extra-Scopes: all'],
    ['X-Remote-User: admin'],
    ['x-remote-group: system:masters'],
    ['Audit-ID: 00000000-0000-4000-8000-000000000000'],
    ['Connection: Impersonate-User, close', 'Impersonate-User: system:admin'],
    ['Authorization: Bearer another'],
    ['Connection: Upgrade, Impersonate-User', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: v5.channel.k8s.io'],
    ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.eA'],
  ])('a client that sends %s does not get its way', async (...headers) => {
    const before = await auditIds()
    const answer = await send(`GET ${pods()}`, headers.filter(Boolean))
    const after = (await playing.stage.audit()).filter(({ auditId }) => !before.has(auditId))
    // Envoy drops what Connection names before anybody sees it: such a request goes on as ours and nobody else's.
    expect(after.filter(({ impersonated }) => impersonated !== `leasegate:${playing.edition.names.agent}`)).toEqual([])
    if (answer.status !== 200) expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', code: answer.status })
    const isImpersonation = /^impersonate-/i.test(headers[0] ?? '')
    expect(isImpersonation ? [403] : [200, 400, 401]).toContain(answer.status)
    if (!headers[0]?.startsWith('Connection: Imp')) expect(answer.status).not.toBe(200)
  })

  test('whatever happened, the boundary never acted as anybody else', async () => {
    const acted = (await playing.stage.audit()).filter(({ user }) => user.includes('leasegate-boundary'))
    expect(acted.length).toBeGreaterThan(0)
    expect(acted.filter(({ impersonated }) => impersonated !== `leasegate:${playing.edition.names.agent}`)).toEqual([])
  })
})

describe('what was judged is what is forwarded', () => {
  test.each([
    ['GET /api/v1/namespaces/x/../kube-system/pods', 400],
    ['GET /api/v1/namespaces/x/%2e%2e/kube-system/pods', 400],
    ['GET /api/v1//namespaces/x/pods', 400],
    ['GET /api/v1/namespaces/x;a=b/pods', 400],
    ['GET /api/v1/namespaces/x%2fpods', 400],
    ['GET /api/v1/namespaces/x/pods#fragment', 400],
    ['GET /api\\v1/pods', 400],
    ['get /api/v1/namespaces/x/pods', 400],
    ['TRACE /api/v1/namespaces/x/pods', 405],
  ])('%s is refused, not mended', async (line, status) => {
    const before = await auditIds()
    const answer = await send(line)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', status: 'Failure', code: status })
    expect(await auditIds()).toEqual(before)
  })

  test('a body on a read is refused', async () => {
    const answer = await send(`GET ${pods()}`, ['Content-Length: 2'], '{}')
    expect(answer.status).toBe(400)
  })

  test('too large a body or header gets a Status, and never reaches anybody', async () => {
    const large = 3 * 1024 * 1024 + 1
    const write = await send(`POST ${pods()}`, [`Content-Length: ${large}`], Buffer.alloc(large, 32))
    expect(write.status).toBe(413)
    expect(JSON.parse(write.body)).toMatchObject({ kind: 'Status', code: 413 })
    const head = await send(`GET ${pods()}`, [`X-Long: ${'a'.repeat(240_000)}`])
    expect(head.status).toBe(431)
  })

  test.each(['', 'x.y.z', 'e30.e30.e30', `${'a'.repeat(9000)}.b.c`])(
    'a bad token (%.20s) is a 401 without a stack trace',
    async bad => {
      const answer = await send(`GET ${pods()}`, [], '', bad)
      expect(answer.status).toBe(401)
      expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', reason: 'Unauthorized' })
      expect(answer.body).not.toMatch(/\bat .*\.ts/)
    },
  )
})

describe('pods that lead around the boundary', () => {
  test('are refused as kubectl sends them, ordinary ones are not', async () => {
    const { own, app } = playing.edition.names
    const mine = await playing.lease(own)
    const create = ['create', 'deployment', 'fine', '-n', app, '--image=web:1']
    expect((await playing.stage.kubectl(create)).stderr).toBe('')
    const pod = ['run', 'odd', '-n', app, '--image=web:1', '--restart=Never']
    const odd = await playing.stage.kubectl([...pod, '--overrides={"spec":{"serviceAccountName":"builder"}}'])
    expect(odd.stderr).toContain('does not name "pod-identity"')
    const set = await playing.stage.kubectl(['set', 'serviceaccount', 'deployment', 'fine', 'builder', '-n', app])
    expect(set.stderr).toContain('does not name "pod-identity"')
    expect((await playing.leasegate('agent', 'lease', 'revoke', mine)).code).toBe(0)
  })
})

describe('an approval binds one exact request', () => {
  const secret = () => `/api/v1/namespaces/${playing.edition.names.app}/secrets/db`
  let bearer: string

  async function heldAs(line: string): Promise<string> {
    const answer = await send(line, [], '', bearer)
    expect(answer.status).toBe(429)
    expect(answer.head.toLowerCase()).toContain('retry-after:')
    return /apr_\w+/.exec(answer.body)?.[0] ?? ''
  }

  /** How many changes of the policy each authorizer has noticed. */
  async function changesSeen(): Promise<readonly number[]> {
    const logs = ['authorizer-0', 'authorizer-1'].map(name => join(playing.edition.directory, `${name}.log`))
    return Promise.all(logs.map(async log => (await readFile(log, 'utf8')).split('policy changed').length))
  }

  test('nothing but that request passes, and that only once', async () => {
    bearer = await playing.token(await playing.lease(playing.edition.names.retire))
    const id = await heldAs(`GET ${secret()}`)
    expect(await heldAs(`GET ${secret()}`)).toBe(id)
    expect((await answer(playing.stage, 'agent', 'approve', id)).code).not.toBe(0)
    expect((await answer(playing.stage, 'approver', 'approve', id)).code).toBe(0)
    for (const other of [`GET ${secret()}?resourceVersion=0`, `HEAD ${secret()}`]) {
      const answer = await send(other, [], '', bearer)
      expect(answer.status).toBe(429)
    }
    expect((await send(`GET ${secret()}`, [], '', bearer)).status).toBe(200)
    expect(await heldAs(`GET ${secret()}`)).not.toBe(id)
  })

  test('of many that come at once, to both authorizers, one passes', async () => {
    const id = await heldAs(`GET ${secret()}`)
    expect((await answer(playing.stage, 'approver', 'approve', id)).code).toBe(0)
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(`GET ${secret()}`, [], '', bearer)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11)
  })

  test('a change of what the policy says of it takes a yes back', async () => {
    const id = await heldAs(`GET ${secret()}`)
    expect((await answer(playing.stage, 'approver', 'approve', id)).code).toBe(0)
    const { policyFile } = playing.edition
    const text = await readFile(policyFile, 'utf8')
    const before = await changesSeen()
    await writeFile(policyFile, text.replace('productionNamespaces:', 'productionNamespaces:\n  - elsewhere'))
    await until('both authorizers to know', async () => (await changesSeen()).every((n, i) => n > (before[i] ?? 0)))
    expect(await heldAs(`GET ${secret()}`)).not.toBe(id)
    await writeFile(policyFile, text)
  })
})

describe('the policy', () => {
  const works = async () => (await send(`GET ${pods()}`)).status

  test('a broken file changes nothing, a stricter one binds running leases at once', async () => {
    const { policyFile, names } = playing.edition
    const text = await readFile(policyFile, 'utf8')
    await writeFile(policyFile, 'templates: [')
    await pause(1500)
    expect(await works()).toBe(200)
    await writeFile(policyFile, text.replace(`name: ${names.inspect}\n`, 'name: something-else\n'))
    await until('the lease to be of no use', async () => (await works()) === 403)
    await writeFile(policyFile, text)
    await until('the lease to be good again', async () => (await works()) === 200)
    await until('the broker to know', async () =>
      (await playing.leasegate('agent', 'whoami')).stdout.includes(names.inspect),
    )
  })
})

describe('a lease that ends', () => {
  test('at its time stops requests and cuts what is open within a second', async () => {
    const { app, deployment, inspect } = playing.edition.names
    const short = await playing.lease(inspect, '--ttl', '10s')
    const bearer = await playing.token(short)
    const { expiresAt } = JSON.parse((await playing.leasegate('agent', 'lease', 'show', short, '-o', 'json')).stdout)
    const open = [
      playing.stage.kubectlRunning(['logs', '-f', `deployment/${deployment}`, '-n', app]),
      playing.stage.kubectlRunning([
        'exec',
        `deployment/${deployment}`,
        '-n',
        app,
        '--',
        'sh',
        '-c',
        'echo open; sleep 120',
      ]),
    ]
    await Promise.all(open.map(running => running.saw(/(^|\n)open|server is up/)))
    await Promise.all(open.map(running => running.ended(30_000)))
    expect(Date.now()).toBeGreaterThan(expiresAt - 500)
    expect(Date.now() - expiresAt).toBeLessThan(stretched(1000))
    expect([401, 403]).toContain((await send(`GET ${pods()}`, [], '', bearer)).status)
  })

  test('ends a port-forward as well, which worked until then', async () => {
    const { own, app, deployment } = playing.edition.names
    const mine = await playing.lease(own)
    const local = await freePort()
    const forward = playing.stage.kubectlRunning(['port-forward', `deployment/${deployment}`, `${local}:80`, '-n', app])
    await forward.saw(/Forwarding from 127/)
    const echo = connect(local, '127.0.0.1')
    echo.on('error', () => undefined)
    echo.write('ping')
    let seen = ''
    echo.on('data', data => {
      seen += data
    })
    await until('the echo', () => seen.includes('ping'))
    expect((await playing.leasegate('admin', 'lease', 'revoke', mine)).code).toBe(0)
    expect(await forward.ended(10_000)).toBeLessThan(stretched(1000))
    echo.destroy()
  })

  test('takes its children with it', async () => {
    const { restart, app } = playing.edition.names
    const parent = await playing.lease(restart, '--ttl', '10m')
    const child = await playing.lease(restart, '--ttl', '10m', '--parent', parent, '--namespace', app)
    const lines = [`GET ${pods()} HTTP/1.1`, 'Host: boundary', `Authorization: Bearer ${await playing.token(child)}`]
    expect((await patientRequest(port, lines)).status).toBe(200)
    expect(await playing.leasegate('admin', 'lease', 'revoke', parent)).toMatchObject({ code: 0 })
    expect((await patientRequest(port, lines)).status).toBe(403)
  })
})

/** Until both authorizers are back: Envoy asks now one, now the other. */
async function service(): Promise<void> {
  await until('service', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(`GET ${pods()}`)))
    return answers.every(({ status }) => status === 200)
  })
}

describe('when parts fail', () => {
  test('without authorizers nothing passes, and service comes back by itself', async () => {
    for (const name of ['authorizer-0', 'authorizer-1']) await playing.supervisor.end(name, 'SIGKILL')
    const before = await auditIds()
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(`GET ${pods()}`)))
    for (const { status, body, head } of answers) {
      expect(status).toBe(503)
      expect(JSON.parse(body)).toMatchObject({ kind: 'Status', reason: 'ServiceUnavailable', code: 503 })
      expect(head.toLowerCase()).toContain('retry-after:')
    }
    expect(await auditIds()).toEqual(before)
    await Promise.all(['authorizer-0', 'authorizer-1'].map(name => playing.supervisor.startAgain(name)))
    await service()
  })

  test('an authorizer that is asked to stop fails no short request', async () => {
    const stopping = playing.supervisor.end('authorizer-0', 'SIGTERM')
    const statuses = new Set<number>()
    let isStopped = false
    void stopping.then(() => {
      isStopped = true
    })
    while (!isStopped) statuses.add((await send(`GET ${pods()}`)).status)
    expect([...statuses]).toEqual([200])
    await playing.supervisor.startAgain('authorizer-0')
  })

  test('without Redis nothing passes, quickly said; back again it goes on, and the revoked stays revoked', async () => {
    const ended = await playing.lease(playing.edition.names.own)
    const bearer = await playing.token(ended)
    expect((await playing.leasegate('admin', 'lease', 'revoke', ended)).code).toBe(0)
    await playing.supervisor.end('valkey', 'SIGKILL')
    const before = await auditIds()
    const answer = await send(`GET ${pods()}`)
    expect(answer.status).toBe(503)
    expect(answer.ms).toBeLessThan(stretched(1000))
    expect(await auditIds()).toEqual(before)
    await playing.supervisor.startAgain('valkey')
    const back = performance.now()
    await service()
    expect(performance.now() - back).toBeLessThan(stretched(2000))
    const revoked = async () => (await send(`GET ${pods()}`, [], '', bearer)).status
    const seen = new Set<number>()
    await until('an answer of either authorizer', async () => {
      seen.add(await revoked())
      return seen.has(403)
    })
    expect(seen.has(200)).toBe(false)
  })

  test('a frozen Redis is as good as none', async () => {
    playing.supervisor.signal('valkey', 'SIGSTOP')
    const answer = await send(`GET ${pods()}`)
    playing.supervisor.signal('valkey', 'SIGCONT')
    expect(answer.status).toBe(503)
    expect(answer.ms).toBeLessThan(stretched(1500))
    await service()
  })

  test('the tap can die under load: nothing is lost', async () => {
    await playing.supervisor.end('tap', 'SIGKILL')
    const { status } = await send(`GET ${pods()}`)
    await playing.supervisor.startAgain('tap')
    expect(status).toBe(200)
  })
})

describe('the record', () => {
  test('has every request that the API server saw under a lease, as allowed', async () => {
    const seen = (await playing.stage.audit()).filter(event => event.lease !== '')
    expect(seen.length).toBeGreaterThan(20)
    const missing = async () => {
      const rows = await playing.sql<{ audit_id: string }>("SELECT audit_id FROM requests WHERE decision = 'allow'")
      const known = new Set(rows.map(({ audit_id }) => audit_id))
      return seen.filter(({ auditId }) => !known.has(auditId))
    }
    await until('every one of them', async () => (await missing()).length === 0)
  })

  test('has the denied attempts, and those without any lease', async () => {
    const reasons = await playing.sql<{ reason: string }>('SELECT DISTINCT reason FROM requests')
    const wanted = [
      'odd-path',
      'forbidden-header',
      'unexpected-body',
      'approval-pending',
      'not-in-policy',
      'bad-token',
      'lease-revoked',
    ]
    expect(reasons.map(({ reason }) => reason)).toEqual(expect.arrayContaining(wanted))
  })

  test('and no log holds a token, a Secret value or a password from a command', async () => {
    const { app, deployment, inspect } = playing.edition.names
    await playing.lease(inspect)
    const canary = 'pw-4f1a9c77e2d84b55'
    await playing.stage.kubectl(['exec', `deployment/${deployment}`, '-n', app, '--', 'echo', `--password=${canary}`])
    const identity = await playing.stage.identityToken()
    const secrets = [canary, token, identity, 'not-a-real-one', Buffer.from('not-a-real-one').toString('base64')]
    await until('the command to be on record', async () => {
      const rows = await playing.sql<{ n: string }>("SELECT count() AS n FROM requests WHERE has(command, 'echo')")
      return Number(rows[0]?.n) > 0
    })
    const tables = ['request_halves', 'lease_events', 'approval_events', 'refusal_summaries']
    const texts = await Promise.all([
      ...tables.map(async table => JSON.stringify(await playing.sql(`SELECT * FROM ${table}`))),
      ...['authorizer-0', 'authorizer-1', 'broker', 'tap', 'envoy', 'valkey'].map(name =>
        readFile(join(playing.edition.directory, `${name}.log`), 'utf8'),
      ),
      readFile(join(playing.edition.directory, 'appendonlydir', 'appendonly.aof.1.incr.aof'), 'latin1'),
    ])
    for (const secret of secrets) expect(texts.some(text => text.includes(secret))).toBe(false)
  })
})
