import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchClusterKeys, type InCluster } from '../../src/identity/issuers/cluster-keys.ts'
import { reviewToken } from '../../src/identity/issuers/token-review.ts'
import { jwtIdentifier } from '../../src/identity/jwt-identifier.ts'
import type { Issuer } from '../../src/policy/policy.ts'
import { aPodOfACluster, type PodOfACluster } from './a-pod-of-a-cluster.ts'
import { aPolicy } from './a-policy.ts'

let made: PodOfACluster
let pod: InCluster
let issuer: Issuer

beforeAll(async () => {
  made = await aPodOfACluster()
  pod = made.pod
  const token = await readFile(join(pod.account, 'token'), 'utf8')
  const path = join(made.directory, 'jwks.json')
  await writeFile(path, await fetchClusterKeys(pod))
  issuer = {
    name: 'cluster',
    issuer: decodeJwt(token).iss ?? '',
    audience: 'leasegate',
    algorithms: ['RS256'],
    maxTokenLifetimeMs: 3_600_000,
    jwks: { kind: 'file', path },
  }
}, 600_000)
afterAll(() => made.stop())

const kubectl = (...args: readonly string[]) => made.kubectl(...args)

const problems: string[] = []

/** By its signature alone, and with the API server asked. */
async function identify(token: string, where: InCluster = pod) {
  const { sub = '' } = decodeJwt(token)
  const by = (tokenReview: object) => {
    const policy = aPolicy({
      issuers: [{ ...issuer, ...tokenReview }],
      agents: [{ name: 'bot', match: { issuer: 'cluster', claims: { sub } }, sponsor: { kind: 'fixed', name: 'ada' } }],
    })
    return jwtIdentifier({
      policy: () => policy,
      clock: Date.now,
      onUnavailable: ({ message }) => problems.push(message),
      review: asked => reviewToken(asked, where),
    }).identify(token)
  }
  return { signed: await by({}), reviewed: await by({ tokenReview: true }) }
}

const tokenOf = (account: string, ...more: readonly string[]) =>
  kubectl('create', 'token', account, '--audience', 'leasegate', ...more)
const AGENT = { kind: 'principal', principal: { kind: 'agent', agent: 'bot' } }

describe('an issuer whose tokens the API server is asked about', () => {
  test('without the right to ask, nobody passes, and the operator reads which right is missing', async () => {
    await kubectl('create', 'serviceaccount', 'first')
    expect(await identify(await tokenOf('first'))).toMatchObject({
      signed: AGENT,
      reviewed: { kind: 'refused', reason: 'unavailable', detail: expect.stringContaining('issuer cluster') },
    })
    expect(problems.join()).toContain('create tokenreviews')
    await kubectl(
      'create',
      'clusterrole',
      'token-review',
      '--verb=create',
      '--resource=tokenreviews.authentication.k8s.io',
    )
    const account = '--serviceaccount=leasegate-system:broker'
    await kubectl('create', 'clusterrolebinding', 'token-review', '--clusterrole=token-review', account)
    const token = await tokenOf('first')
    await expect.poll(async () => (await identify(token)).reviewed, { timeout: 30_000 }).toMatchObject(AGENT)
  })

  test('a token of a deleted service account is good by its signature, and refused', async () => {
    await kubectl('create', 'serviceaccount', 'second')
    const token = await tokenOf('second')
    expect(await identify(token)).toMatchObject({ signed: AGENT, reviewed: AGENT })
    await kubectl('delete', 'serviceaccount', 'second')
    const gone = { kind: 'refused', reason: 'bad-token', detail: expect.stringContaining('does not hold it any more') }
    await expect.poll(() => identify(token), { timeout: 30_000 }).toMatchObject({ signed: AGENT, reviewed: gone })
    // One of the same name is somebody else.
    await kubectl('create', 'serviceaccount', 'second')
    expect((await identify(token)).reviewed).toMatchObject(gone)
  })

  test('and so is one of a deleted pod', async () => {
    await kubectl('create', 'serviceaccount', 'third')
    const spec = {
      serviceAccountName: 'third',
      automountServiceAccountToken: false,
      containers: [{ name: 'a', image: 'a' }],
    }
    const file = join(made.directory, 'pod.json')
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'agent' }, spec }))
    await kubectl('create', '-f', file)
    const token = await tokenOf('third', '--bound-object-kind', 'Pod', '--bound-object-name', 'agent')
    expect((await identify(token)).reviewed).toMatchObject(AGENT)
    await kubectl('delete', 'pod', 'agent', '--force', '--grace-period=0')
    await expect
      .poll(() => identify(token), { timeout: 30_000 })
      .toMatchObject({ signed: AGENT, reviewed: { kind: 'refused', reason: 'bad-token' } })
  })

  test('one that the API server takes for another audience or subject is not taken', async () => {
    await kubectl('create', 'serviceaccount', 'fourth')
    const token = await tokenOf('fourth')
    const subject = 'system:serviceaccount:default:fourth'
    expect(await reviewToken({ token, audience: 'leasegate', subject }, pod)).toBe('held')
    expect(await reviewToken({ token, audience: 'other', subject }, pod)).toBe('refused')
    expect(await reviewToken({ token, audience: 'leasegate', subject: `${subject}x` }, pod)).toBe('other')
    expect(await reviewToken({ token: `${token.slice(0, -4)}AAAA`, audience: 'leasegate', subject }, pod)).toBe(
      'refused',
    )
  })

  test('where it cannot be asked nobody passes, and a forged token is not worth the question', async () => {
    await kubectl('create', 'serviceaccount', 'fifth')
    const token = await tokenOf('fifth')
    const nobody = { ...pod, port: '1' }
    expect((await identify(token, nobody)).reviewed).toMatchObject({ kind: 'refused', reason: 'unavailable' })
    const before = problems.length
    const forged = `${token.slice(0, -4)}AAAA`
    expect((await identify(forged, nobody)).reviewed).toMatchObject({ kind: 'refused', reason: 'bad-token' })
    expect(problems).toHaveLength(before)
  })
})
