import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type Cluster, startCluster } from '../../local/cluster/cluster.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { setUp } from '../../src/certificates/setup.ts'
import { connectSecretStore } from '../../src/kubernetes/stores/secret-store.ts'
import { parseKeyFile } from '../../src/session/store/keys/key-file.ts'
import { inProcess } from '../cli/setup/in-process.ts'

const DAY_MS = 86_400_000
const supervisor = new Supervisor()
let directory: string
let cluster: Cluster
/** A kubeconfig of the account that the job runs as. */
let jobKubeconfig: string

beforeAll(async () => {
  const toolchain = await ensureToolchain(() => undefined)
  directory = await mkdtemp(join(tmpdir(), 'lg-'))
  cluster = await startCluster({ toolchain, directory, supervisor })
  jobKubeconfig = cluster.adminKubeconfig
})
afterAll(async () => {
  await supervisor.stop()
  await rm(directory, { recursive: true, force: true })
})

async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.admin(args, input)
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

async function aNamespace(name: string): Promise<string> {
  await kubectl(['create', 'namespace', name])
  return name
}

const store = (namespace: string) => connectSecretStore({ file: jobKubeconfig, context: null }, namespace)
const WISH = {
  name: 'lg',
  hosts: ['leasegate.example', '10.0.0.7'],
  labels: { a: 'b' },
  parts: ['certificates', 'keys'],
  days: 42,
} as const
const SECRETS = ['keys', 'ca', 'server-tls', 'envoy-tls', 'authorizer-tls', 'tap-tls', 'broker-tls'].map(
  name => `lg-${name}`,
)
const LEAVES = SECRETS.filter(name => name.endsWith('-tls'))

async function certificate(namespace: string, secret: string): Promise<X509Certificate> {
  const values = await (await store(namespace)).read(secret)
  return new X509Certificate(values?.['tls.crt'] ?? '')
}

async function verified(namespace: string): Promise<readonly boolean[]> {
  const ca = await certificate(namespace, 'lg-ca')
  return Promise.all(LEAVES.map(async name => (await certificate(namespace, name)).verify(ca.publicKey)))
}

/** A service account with these rights and no others; the kubeconfig of it. */
async function anAccount(name: string, namespace: string, rules: readonly object[]): Promise<string> {
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace }, rules }
  await kubectl(['apply', '-f', '-'], stringify(role))
  await kubectl(['create', 'serviceaccount', name, '-n', namespace])
  const to = [`--role=${name}`, `--serviceaccount=${namespace}:${name}`]
  await kubectl(['create', 'rolebinding', name, '-n', namespace, ...to])
  const token = await kubectl(['create', 'token', name, '-n', namespace])
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '-o', 'json'])) as { users: { user: object }[] }
  const file = join(directory, `${name}.kubeconfig`)
  await writeFile(file, JSON.stringify({ ...config, users: config.users.map(user => ({ ...user, user: { token } })) }))
  return file
}

describe('setUp', () => {
  test('makes all that is missing, for the names that count', async () => {
    const namespace = await aNamespace('fresh')
    const done = await setUp(await store(namespace), WISH)
    expect(done).toEqual(SECRETS.map(secret => ({ secret, done: 'made' })))
    expect((await certificate(namespace, 'lg-server-tls')).subjectAltName).toBe(
      'DNS:leasegate.example, IP Address:10.0.0.7',
    )
    const authorizer = await certificate(namespace, 'lg-authorizer-tls')
    expect(authorizer.subjectAltName).toBe('DNS:authorizer.leasegate.internal')
    expect(authorizer.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect((await certificate(namespace, 'lg-envoy-tls')).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(await verified(namespace)).not.toContain(false)
    expect(
      await kubectl(['get', 'secret', 'lg-tap-tls', '-n', namespace, '-o', 'jsonpath={.type} {.metadata.labels.a}']),
    ).toBe('kubernetes.io/tls b')
  })

  test('run again it touches nothing', async () => {
    const state = () =>
      kubectl(['get', 'secrets', '-n', 'fresh', '-o', 'jsonpath={.items[*].metadata.resourceVersion}'])
    const before = await state()
    const done = await setUp(await store('fresh'), { ...WISH, hosts: [...WISH.hosts].reverse() })
    expect(done.map(({ done: what }) => what)).toEqual(SECRETS.map(() => 'is there'))
    expect(await state()).toBe(before)
  })

  test('for other hosts it makes what agents see anew, of the same authority, and nothing else', async () => {
    const before = await certificate('fresh', 'lg-server-tls')
    const hosts = [...WISH.hosts, 'new.example', '2001:db8::7']
    const done = await setUp(await store('fresh'), { ...WISH, hosts })
    expect(done.filter(each => each.done !== 'is there')).toEqual([{ secret: 'lg-server-tls', done: 'renewed' }])
    const after = await certificate('fresh', 'lg-server-tls')
    expect(after.subjectAltName).toContain('DNS:new.example, IP Address:2001:DB8:0:0:0:0:0:7')
    expect(after.serialNumber).not.toBe(before.serialNumber)
    expect(await verified('fresh')).not.toContain(false)
    const again = await setUp(await store('fresh'), { ...WISH, hosts: [...hosts.slice(0, 3), '2001:DB8:0::7'] })
    expect(again.map(({ done: what }) => what)).not.toContain('renewed')
    await setUp(await store('fresh'), WISH)
  })

  test('makes anew in time what it made, and leaves what somebody else put there', async () => {
    const namespace = await aNamespace('ending')
    await setUp(await store(namespace), WISH)
    await kubectl(['label', 'secret', 'lg-broker-tls', 'leasegate.dev/made-by-', '-n', namespace])
    const serials = () =>
      Promise.all(LEAVES.map(async secret => [secret, (await certificate(namespace, secret)).serialNumber] as const))
    const before = await serials()
    const renewed = async (days: number) => {
      const done = await setUp(await store(namespace), WISH, () => Date.now() + days * DAY_MS)
      return done.filter(({ done: what }) => what === 'renewed').map(({ secret }) => secret)
    }
    expect(await renewed(27)).toEqual([])
    expect(await renewed(29)).toEqual(LEAVES.filter(secret => secret !== 'lg-broker-tls'))
    const changed = (await serials()).filter(([, serial], index) => serial !== before[index]?.[1])
    expect(changed.map(([secret]) => secret)).toEqual(LEAVES.filter(secret => secret !== 'lg-broker-tls'))
    expect(await verified(namespace)).not.toContain(false)
  })

  test('makes a certificate anew that was deleted, of the same authority', async () => {
    await kubectl(['delete', 'secret', 'lg-tap-tls', '-n', 'fresh'])
    const done = await setUp(await store('fresh'), WISH)
    expect(done.filter(each => each.done === 'made')).toEqual([{ secret: 'lg-tap-tls', done: 'made' }])
    expect(await verified('fresh')).not.toContain(false)
  })

  test('two at once agree on one authority', async () => {
    const namespace = await aNamespace('twice')
    const both = await Promise.all([setUp(await store(namespace), WISH), setUp(await store(namespace), WISH)])
    for (const secret of SECRETS) {
      expect(both.flat().filter(each => each.secret === secret && each.done === 'made')).toHaveLength(1)
    }
    expect(await verified(namespace)).not.toContain(false)
  })

  test('does not make a second authority beside certificates of a lost one', async () => {
    await kubectl(['delete', 'secret', 'lg-ca', '-n', 'fresh'])
    await expect(setUp(await store('fresh'), WISH)).rejects.toThrow(/no Secret lg-ca: put it back/)
  })
})

describe('leasegate setup', () => {
  test('makes keys of sessions once, as taps read them, where that is asked for: what they wrapped is not lost', async () => {
    const namespace = await aNamespace('sessions')
    const secrets = await store(namespace)
    const wish = { ...WISH, parts: ['session-keys'] } as const
    expect(await setUp(secrets, wish)).toEqual([{ secret: 'lg-session-keys', done: 'made' }])
    const made = await secrets.read('lg-session-keys')
    expect(parseKeyFile(made?.['session.keys.json'] ?? '')).toMatchObject({ kind: 'ok' })
    expect(await setUp(secrets, wish)).toEqual([{ secret: 'lg-session-keys', done: 'is there' }])
    expect(await secrets.read('lg-session-keys')).toEqual(made)
    expect(await kubectl(['get', 'secrets', '-n', namespace, '-o', 'name'])).toBe('secret/lg-session-keys')
  })

  test('works with the rights of its job alone, and says what it made', async () => {
    const namespace = await aNamespace('job')
    const file = await anAccount('job', namespace, [
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: SECRETS },
    ])
    const args = ['setup', '--name', 'lg', '--namespace', namespace, '--host', 'a.example', '--kubeconfig', file]
    expect(await inProcess(args, {})).toMatchObject({
      code: 0,
      stdout: SECRETS.map(name => `${name}: made\n`).join(''),
    })
    expect(await inProcess(args, {})).toMatchObject({
      code: 0,
      stdout: SECRETS.map(name => `${name}: is there\n`).join(''),
    })
  })

  test('gives the CA to the namespaces of agents that are there, and leaves a ConfigMap that is not its own', async () => {
    for (const name of ['ada', 'bob']) await aNamespace(name)
    await kubectl(['create', 'configmap', 'lg-ca', '--from-literal=ca.crt=mine', '-n', 'bob'])
    const where = ['--name', 'lg', '--namespace', 'job', '--host', 'a.example', '--only', 'certificates']
    const args = ['setup', ...where, '--publish-ca', 'ada', 'bob', 'gone', '--kubeconfig', cluster.adminKubeconfig]
    const { code, stdout } = await inProcess([...args, '--label', 'a=b'], {})
    expect({ code, said: stdout.split('\n').filter(line => line.startsWith('ConfigMap')) }).toEqual({
      code: 0,
      said: ['ConfigMap lg-ca in ada: made', 'ConfigMap lg-ca in bob: foreign', 'ConfigMap lg-ca in gone: unreachable'],
    })
    const given = await kubectl(['get', 'configmap', 'lg-ca', '-n', 'ada', '-o', 'jsonpath={.data.ca\\.crt}'])
    expect(new X509Certificate(given).fingerprint256).toBe((await certificate('job', 'lg-ca')).fingerprint256)
    expect(await kubectl(['get', 'configmap', 'lg-ca', '-n', 'bob', '-o', 'jsonpath={.data.ca\\.crt}'])).toBe('mine')
  })

  test('keeps the CA in namespaces of agents: where it was changed or deleted, and when it is another one', async () => {
    const namespace = await aNamespace('kept')
    await aNamespace('agents')
    const where = ['--name', 'lg', '--namespace', namespace, '--host', 'a.example', '--only', 'certificates']
    const kept = async () => {
      const args = ['setup', ...where, '--publish-ca', 'agents', '--kubeconfig', cluster.adminKubeconfig]
      const { stdout } = await inProcess(args, {})
      const given = await kubectl(['get', 'configmap', 'lg-ca', '-n', 'agents', '-o', 'jsonpath={.data.ca\\.crt}'])
      const { fingerprint256 } = new X509Certificate(given)
      expect(fingerprint256).toBe((await certificate(namespace, 'lg-ca')).fingerprint256)
      return { said: /ConfigMap lg-ca in agents: (.*)/.exec(stdout)?.[1], fingerprint256 }
    }
    const first = await kept()
    expect(first.said).toBe('made')
    expect(await kept()).toMatchObject({ said: 'is there' })
    await kubectl(['patch', 'configmap', 'lg-ca', '-n', 'agents', '-p', '{"data": {"ca.crt": "another", "mine": "x"}}'])
    expect(await kept()).toMatchObject({ said: 'renewed', fingerprint256: first.fingerprint256 })
    await kubectl(['delete', 'configmap', 'lg-ca', '-n', 'agents'])
    expect(await kept()).toMatchObject({ said: 'made', fingerprint256: first.fingerprint256 })
    await kubectl(['delete', 'secret', 'lg-ca', ...LEAVES, '-n', namespace])
    const next = await kept()
    expect(next.said).toBe('renewed')
    expect(next.fingerprint256).not.toBe(first.fingerprint256)
  })

  test.each([
    { name: 'no host is named', args: [], says: 'certificates want a --host' },
    { name: 'a label is none', args: ['--host', 'a', '--label', 'x'], says: '--label is KEY=VALUE, not x' },
    {
      name: 'it does not run in a pod',
      args: ['--host', 'a'],
      says: 'this does not run in a pod: name a --kubeconfig',
    },
  ])('says what to mend when $name', async ({ args, says }) => {
    const { code, stderr } = await inProcess(['setup', '--name', 'lg', '--namespace', 'x', ...args], {})
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) })
  })

  test('says so when it may not', async () => {
    const file = join(directory, 'job.kubeconfig')
    const args = ['setup', '--name', 'lg', '--namespace', 'default', '--host', 'a', '--kubeconfig', file]
    const { code, stderr } = await inProcess(args, {})
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/secret lg-keys: .* status 403/) })
  })
})

describe('leasegate keys, in a Secret', () => {
  const secret = ['--secret', 'job/lg-keys']

  test('rotate works with the right to read and write this one, and leaves what is not its own', async () => {
    const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'update'], resourceNames: ['lg-keys'] }]
    const file = await anAccount('rotator', 'job', rules)
    await kubectl(['patch', 'secret', 'lg-keys', '-n', 'job', '-p', '{"stringData": {"other": "kept"}}'])
    const rotated = await inProcess(['keys', 'rotate', ...secret, '--kubeconfig', file], {})
    expect(rotated).toMatchObject({ code: 0, stdout: expect.stringMatching(/^added /) })
    const values = await (await store('job')).read('lg-keys')
    expect(JSON.parse(values?.['signing.jwks.json'] ?? '').keys).toHaveLength(2)
    expect(JSON.parse(values?.['public.jwks.json'] ?? '').keys).toHaveLength(2)
    expect(values?.['other']).toBe('kept')
    const listed = await inProcess(['keys', 'list', ...secret, '--kubeconfig', file], {})
    expect(listed.stdout).toMatch(/signs.*will sign/s)
  })

  test('are not written over what somebody else wrote meanwhile', async () => {
    const secrets = await store('job')
    const seen = await secrets.readVersion('lg-keys')
    await kubectl(['label', 'secret', 'lg-keys', 'touched=yes', '-n', 'job'])
    expect(await secrets.update('lg-keys', seen?.version ?? '', { 'signing.jwks.json': 'x' })).toBe(false)
    expect((await secrets.read('lg-keys'))?.['signing.jwks.json']).toBe(seen?.values['signing.jwks.json'])
  })

  test.each([
    { name: 'there is none', args: ['--secret', 'job/none'], code: 2, says: 'there is no Secret job/none' },
    { name: 'it has other keys', args: [...secret, '--public-key', 'no'], code: 2, says: 'has no key no' },
  ])('say so when $name', async ({ args, code, says }) => {
    const ran = await inProcess(['keys', 'list', ...args, '--kubeconfig', cluster.adminKubeconfig], {})
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code, stderr: expect.stringContaining(says) })
  })
})
