import { execFile } from 'node:child_process'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseVerifyKeys } from '../../../src/identity/keys/keys.ts'
import { LeaseTokenVerifier } from '../../../src/identity/token/lease-token-verifier.ts'
import { SlowProxy } from '../../support/wire/slow-proxy.ts'
import { CliWorld } from '../cli-world.ts'
import { leasegate } from '../leasegate.ts'

let world: CliWorld
beforeAll(async () => {
  world = await CliWorld.start()
})
afterAll(() => world.stop())
afterEach(async () => {
  const { stdout } = await world.as('root', 'lease', 'list', '-o', 'json')
  await Promise.all(JSON.parse(stdout).map(({ id }: { id: string }) => world.as('root', 'lease', 'revoke', id)))
})

const REQUEST = ['lease', 'request', '--template', 'restart-web', '--reason', 'it hangs', '-o', 'json']
async function newLease(...more: readonly string[]) {
  const { stdout, stderr } = await world.as('web-operator', ...REQUEST, ...more)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

describe('leasegate lease', () => {
  test('request, show, list and revoke tell one story', async () => {
    const lease = await newLease('--ttl', '2m', '--namespace', 'shop', '--ticket', 'INC-7')
    expect(lease).toMatchObject({ agent: 'web-operator', sponsor: 'ada@corp.example', namespaces: ['shop'] })
    expect(lease.expiresAt - lease.issuedAt).toBe(120_000)
    const shown = await world.as('web-operator', 'lease', 'show', lease.id, '-o', 'json')
    expect(JSON.parse(shown.stdout)).toEqual(lease)
    expect((await world.as('web-operator', 'lease', 'list')).stdout).toMatch(
      new RegExp(`^LEASE .*\\n${lease.id} .*shop`),
    )
    const revoked = await world.as('root', 'lease', 'revoke', lease.id, '--reason', 'enough')
    expect(revoked).toMatchObject({ code: 0, stdout: `${lease.id} revoked\n` })
    expect((await world.as('web-operator', 'lease', 'list')).stdout).toBe('no leases\n')
    const after = await world.as('web-operator', 'lease', 'show', lease.id, '-o', 'json')
    expect(JSON.parse(after.stdout).state).toMatchObject({ kind: 'revoked', by: 'root', reason: 'enough' })
  })

  test('narrow makes a lease smaller for good, and show says so', async () => {
    const { id } = await newLease('--ttl', '2m')
    const less = ['--read-only', '--name', 'web', '--namespace', 'shop', '--budget', 'requests=5', '--ttl', '1m']
    const { code, stdout, stderr } = await world.as('web-operator', 'lease', 'narrow', id, ...less, '--reason', 'done')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`${id} narrowed: shop, ends in `)
    const shown = parse((await world.as('web-operator', 'lease', 'show', id)).stdout)
    expect(shown).toMatchObject({ namespaces: ['shop'], budgets: { requests: 5 }, left: { requests: 5 } })
    expect(shown.narrowed).toMatchObject({ times: 1, by: 'web-operator', reason: 'done' })
    const again = await world.as('root', 'lease', 'narrow', id, '--namespace', 'shop')
    expect(again.stdout).toContain(id)
    const odd = await world.as('root', 'lease', 'narrow', id, '--budget', 'cows=1')
    expect(odd).toMatchObject({ code: 2, stderr: expect.stringContaining('--budget is NAME=COUNT') })
  })

  test.each([
    { name: 'what the policy does not grant', args: ['--namespace', 'prod'], code: 1, says: 'does not grant "prod"' },
    { name: 'too long a time', args: ['--ttl', '2h'], code: 1, says: 'at most 1h' },
  ])('refuses $name in one line that says what is granted', async ({ args, code, says }) => {
    const ran = await world.as('web-operator', ...REQUEST, ...args)
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toMatch(/^leasegate: [^\n]+\n$/)
    expect(ran.stderr).toContain(says)
  })

  test('revoke --direct works without the broker, and the broker then knows', async () => {
    const { id } = await newLease()
    await world.stopBroker()
    const down = await world.as('root', 'lease', 'revoke', id)
    expect(down).toMatchObject({ code: 3, stdout: '' })
    expect(down.stderr).toBe(`leasegate: cannot reach the broker at ${world.brokerUrl}: nobody listens there\n`)
    const direct = await leasegate(['lease', 'revoke', id, '--direct', '--reason', 'broker down'], world.brokerEnv())
    expect(direct).toMatchObject({ code: 0, stdout: `${id} revoked\n`, stderr: '' })
    const again = await leasegate(['lease', 'revoke', id, '--direct'], world.brokerEnv())
    expect(again).toMatchObject({ code: 1, stderr: `leasegate: lease ${id} had ended already\n` })
    await world.startBroker()
    const shown = JSON.parse((await world.as('web-operator', 'lease', 'show', id, '-o', 'json')).stdout)
    expect(shown.state).toMatchObject({ kind: 'revoked', reason: 'broker down' })
    expect(shown.state.by).toMatch(/\(direct\)$/)
  })

  test('revoke --direct waits for a store that is slower than any request would', async () => {
    const { id } = await newLease()
    const socket = world.path('slow.sock')
    const slow = await SlowProxy.listen(socket, world.valkey.url.replace('unix://', ''))
    slow.delayMs = 400
    try {
      const slowly = { ...world.brokerEnv(), LEASEGATE_REDIS_URL: `unix://${socket}` }
      expect(await leasegate(['lease', 'revoke', id, '--direct'], slowly)).toMatchObject({ code: 0, stderr: '' })
    } finally {
      slow.close()
    }
  })
})

describe('leasegate credential', () => {
  test('prints an ExecCredential with a token for the boundary, and nothing else', async () => {
    const { id } = await newLease('--ttl', '2m')
    const ran = await world.as('web-operator', 'credential', '--lease', id)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    const { status, ...rest } = JSON.parse(ran.stdout)
    expect(rest).toEqual({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' })
    const keys = await parseVerifyKeys(await readFile(world.path('public.jwks.json'), 'utf8'))
    if (keys.kind === 'problem') throw new Error(keys.message)
    const caller = await new LeaseTokenVerifier(() => keys.value).verify(status.token, Date.now())
    expect(caller).toMatchObject({ kind: 'lease', lease: id, agent: 'web-operator' })
  })

  test('ends with the lease, in words that kubectl can show', async () => {
    const { id } = await newLease()
    await world.as('web-operator', 'lease', 'revoke', id)
    const ran = await world.as('web-operator', 'credential', '--lease', id)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain('has ended (revoked); ask for a new one with: leasegate lease request')
  })

  test('by template it is the newest lease that is not a part of another, until there is none', async () => {
    const leaseOf = async () => {
      const { stdout } = await world.as('web-operator', 'credential', '--template', 'restart-web')
      const [, claims = ''] = JSON.parse(stdout).status.token.split('.')
      return JSON.parse(Buffer.from(claims, 'base64url').toString())
    }
    const first = await newLease()
    expect(JSON.stringify(await leaseOf())).toContain(first.id)
    const second = await newLease()
    await newLease('--parent', second.id)
    expect(JSON.stringify(await leaseOf())).toContain(second.id)
    await world.as('web-operator', 'lease', 'revoke', second.id)
    expect(JSON.stringify(await leaseOf())).toContain(first.id)
    await world.as('web-operator', 'lease', 'revoke', first.id)
    const none = await world.as('web-operator', 'credential', '--template', 'restart-web')
    expect(none).toMatchObject({ code: 1, stdout: '' })
    expect(none.stderr).toContain('leasegate lease request --template restart-web')
  })

  test.each([
    { name: 'a lease that goes on', ttl: '1h', choice: (id: string) => ['--lease', id] },
    { name: 'a lease that ends with the token', ttl: '3m', choice: (id: string) => ['--lease', id] },
    { name: 'a template', ttl: '1h', choice: () => ['--template', 'restart-web'] },
  ])('a client that takes a token for ended five minutes early does not ask with each request: $name', async given => {
    const { id } = await newLease('--ttl', given.ttl)
    const { stdout } = await world.as('web-operator', 'credential', ...given.choice(id))
    const isEndedFor = (skewMs: number) =>
      Date.parse(JSON.parse(stdout).status.expirationTimestamp) - skewMs <= Date.now()
    expect([isEndedFor(0), isEndedFor(60_000), isEndedFor(300_000)]).toEqual([false, false, false])
  })

  test('of a lease that goes on is asked for again before it ends: no request leaves with a token that is over', async () => {
    const { id } = await newLease('--ttl', '1h')
    const { status } = JSON.parse((await world.as('web-operator', 'credential', '--lease', id)).stdout)
    const [, claims = ''] = status.token.split('.')
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(Date.parse(status.expirationTimestamp)).toBeLessThan(exp * 1000)
  })

  test('by template is asked for again within minutes, so that a revoked lease is left for its successor', async () => {
    await newLease('--ttl', '1h')
    const { stdout } = await world.as('web-operator', 'credential', '--template', 'restart-web')
    expect(Date.parse(JSON.parse(stdout).status.expirationTimestamp) - Date.now()).toBeLessThanOrEqual(360_000)
  })

  test.each([
    { name: 'neither', args: [], says: 'name the lease with --lease' },
    { name: 'both', args: ['--lease', 'lse_1', '--template', 'restart-web'], says: 'cannot be used with' },
  ])('wants a lease or a template, not $name', async ({ args, says }) => {
    const ran = await world.as('web-operator', 'credential', ...args)
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(says) })
  })

  test('is nobody else’s', async () => {
    const { id } = await newLease()
    expect(await world.as('triage', 'credential', '--lease', id)).toMatchObject({ code: 1, stdout: '' })
    expect(await world.as('root', 'credential', '--lease', id)).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('leasegate kubeconfig', () => {
  test('holds no credential, only the way to get one, and that way works from anywhere', async () => {
    const { id } = await newLease('--namespace', 'shop')
    const out = world.path('kubeconfig.yaml')
    await writeFile(out, 'older')
    await chmod(out, 0o644)
    expect(await world.as('web-operator', 'kubeconfig', '--lease', id, '--out', out)).toMatchObject({
      code: 0,
      stdout: '',
    })
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    const text = await readFile(out, 'utf8')
    expect(text).not.toMatch(/eyJ/)
    const config = parse(text)
    expect(config.contexts[0].context).toMatchObject({ namespace: 'shop', user: id })
    const { exec } = config.users[0].user
    expect(exec).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'Never',
      provideClusterInfo: true,
    })
    const env = Object.fromEntries(exec.env.map((one: { name: string; value: string }) => [one.name, one.value]))
    const { stdout } = await promisify(execFile)(exec.command, exec.args, { cwd: '/', env })
    expect(JSON.parse(stdout).status.token).toMatch(/^eyJ/)
  })

  test('by template names the template and no lease', async () => {
    const { id } = await newLease('--namespace', 'shop')
    const { stdout } = await world.as('web-operator', 'kubeconfig', '--template', 'restart-web')
    const config = parse(stdout)
    expect(config.contexts[0].context).toMatchObject({ namespace: 'shop', user: 'restart-web' })
    expect(config.users[0].user.exec.args.slice(1)).toEqual(['credential', '--template', 'restart-web'])
    expect(stdout).not.toContain(id)
  })

  test('names the program as it is called elsewhere, where that is said', async () => {
    const { id } = await newLease()
    const { stdout } = await world.as('web-operator', 'kubeconfig', '--lease', id, '--plugin', 'leasegate')
    const { exec } = parse(stdout).users[0].user
    expect(exec).toMatchObject({ command: 'leasegate', args: ['credential', '--lease', id] })
  })

  test('is for libraries that know only the older way to ask, too, whether they say what they ask for or not', async () => {
    const { id } = await newLease()
    const wish = ['kubeconfig', '--lease', id, '--exec-api'] as const
    const { exec } = parse((await world.as('web-operator', ...wish, 'v1beta1')).stdout).users[0].user
    const asked = 'client.authentication.k8s.io/v1beta1'
    expect(exec.apiVersion).toBe(asked)
    const env = Object.fromEntries(exec.env.map((one: { name: string; value: string }) => [one.name, one.value]))
    const answered = async (more: object = {}) => {
      const { stdout } = await promisify(execFile)(exec.command, exec.args, { env: { ...env, ...more } })
      return JSON.parse(stdout)
    }
    expect(await answered()).toMatchObject({ apiVersion: asked, status: { token: expect.stringMatching(/^eyJ/) } })
    const asking = (apiVersion: string) => ({ KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, spec: {} }) })
    expect(await answered(asking(asked))).toMatchObject({ apiVersion: asked })
    const newest = { apiVersion: 'client.authentication.k8s.io/v1' }
    expect(await answered(asking(newest.apiVersion))).toMatchObject(newest)
    for (const odd of ['', 'x', 'null', '{"apiVersion":7}', '{"apiVersion":"client.authentication.k8s.io/v9"}'])
      expect(await answered({ KUBERNETES_EXEC_INFO: odd })).toMatchObject(newest)
    expect(await world.as('web-operator', ...wish, 'v9')).toMatchObject({ code: 2, stdout: '' })
  })

  test('takes the only lease there is, and asks which when there are several', async () => {
    const none = await world.as('web-operator', 'kubeconfig')
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('leasegate lease request') })
    const { id } = await newLease()
    expect(parse((await world.as('web-operator', 'kubeconfig')).stdout).users[0].name).toBe(id)
    const other = await newLease()
    const several = await world.as('web-operator', 'kubeconfig')
    expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining(`${id}, ${other.id}`) })
  })
})

describe('leasegate whoami', () => {
  test('shows an agent its templates and a person their roles', async () => {
    expect((await world.as('web-operator', 'whoami')).stdout).toMatch(
      /agent web-operator for ada@corp\.example[\s\S]*restart-web +shop,shop-dev +1h/,
    )
    expect((await world.as('root', 'whoami')).stdout).toContain('root, admin')
  })

  test.each([
    { name: 'no file', file: '/nowhere/token', text: null, says: 'cannot read your identity token' },
    { name: 'an empty file', file: 'empty', text: '', says: 'there is no token in' },
    { name: 'two lines', file: 'two', text: 'a.b.c\nd.e.f', says: 'there is no token in' },
  ])('says so when the identity token is $name', async ({ file, text, says }) => {
    const path = file.startsWith('/') ? file : world.path(file)
    if (text !== null) await writeFile(path, text)
    const ran = await leasegate(['whoami'], { ...(await world.envOf('root')), LEASEGATE_IDENTITY_TOKEN_FILE: path })
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/^leasegate: [^\n]+\n$/)
    expect(ran.stderr).toContain(says)
  })

  test('never says the token when it is refused', async () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.c2VjcmV0LWNsYWltcw.AAAA'
    await writeFile(world.path('bad'), token)
    const env = { ...(await world.envOf('root')), LEASEGATE_IDENTITY_TOKEN_FILE: world.path('bad') }
    const ran = await leasegate(['whoami'], env)
    expect(ran.code).toBe(1)
    expect(ran.stderr + world.brokerLog).not.toContain('c2VjcmV0')
  })
})

describe('leasegate broker', () => {
  test('names all that is wrong with its settings at once, and never a value', async () => {
    const ran = await leasegate(['broker'], {
      LEASEGATE_REDIS_URL: 'http://user:hunter2@host',
      LEASEGATE_BROKER_LISTEN: 'nowhere',
      LEASEGATE_LEASE_TOKEN_TTL: '16m',
      LEASEGATE_BROKER_LISTN: 'x',
    })
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    for (const name of [
      'BROKER_LISTN is not a setting',
      'REDIS_URL',
      'BROKER_LISTEN',
      'LEASE_TOKEN_TTL',
      'POLICY_FILE',
    ]) {
      expect(ran.stderr).toContain(`LEASEGATE_${name}`)
    }
    expect(ran.stderr).not.toContain('hunter2')
  })

  test('does not start with a policy that cannot be used, and says where it is wrong', async () => {
    await writeFile(world.path('wrong.yaml'), 'issuers: []\n')
    const env = { ...world.brokerEnv(), LEASEGATE_POLICY_FILE: world.path('wrong.yaml') }
    const ran = await leasegate(['broker'], env)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/wrong\.yaml:1:\d+: issuers must have an issuer/)
  })

  test('stops when it is asked to', async () => {
    expect(await world.stopBroker()).toBe(0)
    await world.startBroker()
  })
})
