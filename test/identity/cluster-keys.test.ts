import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchClusterKeys, type InCluster } from '../../src/identity/issuers/cluster-keys.ts'
import { issuerKeys } from '../../src/identity/issuers/issuer-keys.ts'
import type { Issuer } from '../../src/policy/policy.ts'
import { aPodOfACluster, type PodOfACluster } from './a-pod-of-a-cluster.ts'

let made: PodOfACluster
let pod: InCluster

beforeAll(async () => {
  made = await aPodOfACluster()
  pod = made.pod
}, 600_000)
afterAll(() => made.stop())

const kubectl = (...args: readonly string[]) => made.kubectl(...args)

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
    const account = await mkdtemp(join(made.directory, 'account-'))
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
