import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../../local/cluster/cluster.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { fetchClusterKeys, type InCluster } from '../../src/identity/issuers/cluster-keys.ts'
import { issuerKeys } from '../../src/identity/issuers/issuer-keys.ts'
import type { Issuer } from '../../src/policy/policy.ts'

const supervisor = new Supervisor()
let directory: string
let cluster: Cluster
let pod: InCluster

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const toolchain = await ensureToolchain(() => undefined)
  cluster = await startCluster({ toolchain, directory: join(directory, 'cluster'), supervisor })
  const account = await mkdtemp(join(directory, 'account-'))
  await kubectl('create', 'namespace', 'leasegate-system')
  await kubectl('create', 'serviceaccount', 'broker', '-n', 'leasegate-system')
  await writeFile(join(account, 'token'), await kubectl('create', 'token', 'broker', '-n', 'leasegate-system'))
  await writeFile(join(account, 'ca.crt'), await readFile(cluster.caFile))
  pod = { host: '127.0.0.1', port: String(cluster.port), account }
}, 600_000)
afterAll(async () => {
  await supervisor.stop()
  await rm(directory, { recursive: true, force: true })
})

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.admin(args)
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

describe('fetchClusterKeys', () => {
  test('gets the keys that tokens of service accounts are signed with, by an account without any right', async () => {
    const keys = createLocalJWKSet(JSON.parse(await fetchClusterKeys(pod)) as JSONWebKeySet)
    const agent = await kubectl('create', 'token', 'default', '--audience', 'leasegate')
    const { payload } = await jwtVerify(agent, keys, { audience: 'leasegate' })
    expect(payload.sub).toBe('system:serviceaccount:default:default')
  })

  test('reads the token anew each time: the kubelet renews it', async () => {
    const [file, good] = [join(pod.account, 'token'), await readFile(join(pod.account, 'token'), 'utf8')]
    await writeFile(file, 'x.y.z')
    await expect(fetchClusterKeys(pod)).rejects.toThrow('status 401')
    await writeFile(file, good)
    expect(JSON.parse(await fetchClusterKeys(pod)).keys.length).toBeGreaterThan(0)
  })

  test('says which right is missing where the cluster took it from everybody', async () => {
    const binding = 'system:service-account-issuer-discovery'
    await kubectl('delete', 'clusterrolebinding', binding)
    await expect
      .poll(() => fetchClusterKeys(pod).catch(String))
      .toMatch(/ClusterRole system:service-account-issuer-discovery/)
  })

  test('asks nobody whose certificate is not of the cluster', async () => {
    const account = await mkdtemp(join(directory, 'account-'))
    await writeFile(join(account, 'token'), 'a.b.c')
    const { createAuthority } = await import('../../src/certificates/certificate.ts')
    await writeFile(join(account, 'ca.crt'), (await createAuthority('other', 1)).certificate)
    await expect(fetchClusterKeys({ ...pod, account })).rejects.toThrow(/certificate/)
  })

  test('outside of a pod, nobody of that issuer passes, and it says why', async () => {
    const issuer: Issuer = {
      name: 'cluster',
      issuer: 'https://kubernetes.default.svc',
      audience: 'leasegate',
      algorithms: ['RS256'],
      maxTokenLifetimeMs: 3_600_000,
      jwks: { kind: 'cluster' },
    }
    const asked = issuerKeys(issuer, { onOdd: () => undefined, onKept: () => undefined })(
      { alg: 'RS256', kid: 'x' },
      { payload: '', signature: '' },
    )
    await expect(asked).rejects.toMatchObject({
      code: 'issuer-keys-unavailable',
      cause: expect.objectContaining({ message: 'this does not run in a pod' }),
    })
  })
})
