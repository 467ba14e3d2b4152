import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificateIdentifier } from '../../../src/identity/certificate/certificate-identifier.ts'
import { certificateReader } from '../../../src/identity/certificate/certificate-reader.ts'
import { matchPrincipal } from '../../../src/identity/match-principal.ts'
import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { anAuthority, spiffe, type TestAuthority, type Wanted } from '../../support/certificates/an-authority.ts'

const ID = 'spiffe://prod.corp.example/ns/agents/sa/web-operator'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-certificates-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** What docs/identity.md shows, with files that are here. */
function shownPolicy(): Policy {
  const page = readFileSync(new URL('../../../docs/identity.md', import.meta.url), 'utf8')
  const text = /^## Client certificates\n[\s\S]*?```yaml\n([\s\S]*?)```/m.exec(page)?.[1] ?? ''
  const parsed = parsePolicy(`boundaryNamespace: leasegate\n${text}`, join(directory, 'policy.yaml'))
  if (parsed.kind === 'problems') throw new Error(describeProblems(parsed.problems, 'policy.yaml'))
  return parsed.policy
}

function svidBundle(...roots: readonly TestAuthority[]): string {
  const keys = roots.map(({ certificate }) => ({
    use: 'x509-svid',
    kty: 'EC',
    x5c: [Buffer.from(certificate.rawData).toString('base64')],
  }))
  return JSON.stringify({ keys: [...keys, { use: 'jwt-svid', kty: 'EC', kid: 'k' }], spiffe_sequence: 1 })
}

async function aWorld() {
  const [mesh, internal] = [await anAuthority(), await anAuthority({ subject: 'CN=corp agents' })]
  await writeFile(join(directory, 'mesh-bundle.json'), svidBundle(mesh))
  await writeFile(join(directory, 'agents-ca.pem'), internal.pem)
  const problems: string[] = []
  let policy = shownPolicy()
  const identifier = certificateIdentifier({
    policy: () => policy,
    clock: Date.now,
    onProblem: (authority, problem) => problems.push(`${authority}: ${problem}`),
  })
  return {
    mesh,
    internal,
    problems,
    under: (next: Partial<Policy>) => {
      policy = { ...policy, ...next }
    },
    policy: () => policy,
    identify: (pem: string) => identifier.identify(pem),
    shown: (authority: TestAuthority, wanted: Wanted) =>
      authority.issue(wanted).then(({ cert }) => identifier.identify(cert)),
    whose: async (authority: TestAuthority, wanted: Wanted) => {
      const shown = await identifier.identify((await authority.issue(wanted)).cert)
      if (shown.kind === 'refused') return shown.detail
      const found = matchPrincipal(shown.identity, policy)
      return found.kind === 'principal' && found.principal.kind === 'agent' ? found.principal.agent : found
    },
  }
}

describe('the page about certificates', () => {
  test('has an agent of a trust domain, and one of an authority of its own', async () => {
    const { mesh, internal, whose } = await aWorld()
    expect(await whose(mesh, spiffe(ID))).toBe('web-operator')
    expect(await whose(await mesh.below(), spiffe(ID))).toBe('web-operator')
    const batch = {
      subject: 'CN=batch, OU=agents',
      names: [{ type: 'dns', value: 'batch.agents.corp.example' }],
    } as const
    expect(await whose(internal, batch)).toBe('batch')
  })

  test.each([
    ['another workload', spiffe('spiffe://prod.corp.example/ns/agents/sa/other'), 'unknown-identity'],
    ['another domain', spiffe('spiffe://dev.corp.example/ns/agents/sa/web-operator'), 'its authority is not'],
    ['two ids', { names: [...spiffe(ID).names, ...spiffe(`${ID}-2`).names] }, 'its authority is not'],
    ['the id as its subject alone', { subject: `CN=${ID}` }, 'its authority is not'],
    ['the id as a DNS name', { names: [{ type: 'dns', value: ID }] as const }, 'its authority is not'],
  ])('takes an SVID with %s for nobody', async (_, wanted, why) => {
    const { mesh, whose } = await aWorld()
    expect(JSON.stringify(await whose(mesh, wanted))).toContain(why)
  })

  test('takes the id of the trust domain by another authority for nobody', async () => {
    const { internal, whose } = await aWorld()
    expect(JSON.stringify(await whose(internal, spiffe(ID)))).toContain('unknown-identity')
    expect(await whose(await anAuthority(), spiffe(ID))).toBe('its authority is not one that is believed')
  })
})

describe('the holder that a certificate makes', () => {
  test('is by its authority and id, and the same id has another thumbprint in the next', async () => {
    const { mesh, shown } = await aWorld()
    const [one, next] = [await shown(mesh, spiffe(ID)), await shown(mesh, spiffe(ID))]
    expect(one).toMatchObject({ kind: 'holder', holder: { authority: 'mesh-x509', name: ID, boundTo: 'name' } })
    if (one.kind !== 'holder' || next.kind !== 'holder') throw new Error('refused')
    expect(next.holder).toEqual({ ...one.holder, thumbprint: expect.not.stringMatching(one.holder.thumbprint) })
  })

  test('has all names where there is no trust domain', async () => {
    const { internal, shown } = await aWorld()
    const found = await shown(internal, { subject: 'CN=batch', names: [{ type: 'dns', value: 'a.example' }] })
    expect(found).toMatchObject({ holder: { name: 'CN=batch; DNS:a.example', boundTo: 'certificate' } })
  })

  test('is nobody where two authorities vouch for it', async () => {
    const { internal, shown, under, policy } = await aWorld()
    const [, own] = policy().certificateAuthorities ?? []
    if (own === undefined) throw new Error('the page has one authority')
    under({ certificateAuthorities: [own, { ...own, name: 'again' }] })
    expect(await shown(internal, {})).toMatchObject({ detail: expect.stringContaining('more than one authority') })
  })
})

test('whoever one authority vouches for is nobody while the roots of another cannot be had', async () => {
  const { internal, shown, under, policy } = await aWorld()
  const [, own] = policy().certificateAuthorities ?? []
  if (own === undefined) throw new Error('the page has one authority')
  under({ certificateAuthorities: [own, { ...own, name: 'away', file: join(directory, 'away') }] })
  expect(await shown(internal, {})).toMatchObject({ reason: 'unavailable', detail: expect.stringContaining('away') })
})

describe('what a stranger shows', () => {
  const junk = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

  test('is counted before any of it is read', async () => {
    const { under, identify } = await aWorld()
    expect(await identify(junk.repeat(5))).toMatchObject({ detail: 'it cannot be read' })
    expect(await identify(junk.repeat(6))).toMatchObject({ detail: 'there are too many between it and its root' })
    under({ certificateAuthorities: [] })
    expect(await identify(junk)).toMatchObject({ detail: expect.stringContaining('names no authority') })
  })

  test('is read no further than a leaf that is of no authority', async () => {
    const { mesh, under, policy, identify } = await aWorld()
    under({ certificateAuthorities: (policy().certificateAuthorities ?? []).slice(0, 1) })
    const { cert } = await mesh.issue(spiffe('spiffe://dev.corp.example/x'))
    expect(await identify(`${cert}\n${junk}`)).toMatchObject({ detail: expect.stringContaining('names no authority') })
    const own = (await mesh.issue(spiffe(ID))).cert
    expect(await identify(`${own}\n${junk}`)).toMatchObject({ detail: 'it cannot be read' })
  })

  test('is read once, though it is shown with each request', async () => {
    const read = certificateReader()
    const { mesh } = await aWorld()
    const [one, other] = [(await mesh.issue({})).cert, (await mesh.issue({})).cert]
    expect(read(one)).toBe(read(one))
    expect(read(other)).not.toBe(read(one))
    expect([read(junk), read(junk)]).toEqual([null, null])
  })
})

describe('a bundle that rotates', () => {
  test('counts with the next connection, and the roots that it leaves out no more', async () => {
    const { mesh, whose } = await aWorld()
    const next = await anAuthority({ subject: 'CN=next' })
    expect(await whose(next, spiffe(ID))).toBe('its authority is not one that is believed')
    await writeFile(join(directory, 'mesh-bundle.json'), svidBundle(mesh, next))
    expect([await whose(mesh, spiffe(ID)), await whose(next, spiffe(ID))]).toEqual(['web-operator', 'web-operator'])
    await writeFile(join(directory, 'mesh-bundle.json'), svidBundle(next))
    expect(await whose(mesh, spiffe(ID))).toBe('its authority is not one that is believed')
  })

  test.each([
    '{"keys":[',
    '-----BEGIN CERTIFICATE-----\nAAAA',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  ])('that is %j for a moment leaves those before, and somebody is told once', async text => {
    const { mesh, whose, problems } = await aWorld()
    expect(await whose(mesh, spiffe(ID))).toBe('web-operator')
    await writeFile(join(directory, 'mesh-bundle.json'), text)
    expect([await whose(mesh, spiffe(ID)), await whose(mesh, spiffe(ID))]).toEqual(['web-operator', 'web-operator'])
    expect(problems).toEqual([expect.stringContaining('mesh-x509: ')])
  })

  test.each(['', '{"keys":[]}'])('that was emptied (%j) vouches for nobody, and somebody is told once', async text => {
    const { mesh, whose, problems } = await aWorld()
    expect(await whose(mesh, spiffe(ID))).toBe('web-operator')
    await writeFile(join(directory, 'mesh-bundle.json'), text)
    const refused = 'its authority is not one that is believed'
    expect([await whose(mesh, spiffe(ID)), await whose(mesh, spiffe(ID))]).toEqual([refused, refused])
    expect(problems).toEqual([expect.stringContaining('holds no certificate')])
  })

  test('that cannot be read a second time is told of a second time', async () => {
    const { mesh, whose, problems } = await aWorld()
    const file = join(directory, 'mesh-bundle.json')
    for (const text of [svidBundle(mesh), '{"keys":[', svidBundle(mesh), '{"keys":[']) {
      await writeFile(file, text)
      expect(await whose(mesh, spiffe(ID))).toBe('web-operator')
    }
    expect(problems).toHaveLength(2)
  })

  test('that was never there is an outage, and lets nobody in', async () => {
    const { mesh, shown, under, policy } = await aWorld()
    const all = policy().certificateAuthorities ?? []
    under({ certificateAuthorities: all.map(one => ({ ...one, file: join(directory, 'gone') })) })
    expect(await shown(mesh, spiffe(ID))).toMatchObject({ kind: 'refused', reason: 'unavailable' })
  })

  test('with a leaf among its roots is no bundle', async () => {
    const { mesh, shown, under, policy, problems } = await aWorld()
    const file = join(directory, 'leaf.pem')
    await writeFile(file, `${mesh.pem}\n${(await mesh.issue({})).cert}`)
    under({ certificateAuthorities: (policy().certificateAuthorities ?? []).map(one => ({ ...one, file })) })
    expect(await shown(mesh, spiffe(ID))).toMatchObject({ reason: 'unavailable' })
    expect(problems.join()).toContain('it holds a certificate that is no authority')
  })
})

test.each(['', 'nothing', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
  '%j is nobody',
  async pem => {
    const identifier = certificateIdentifier({ policy: shownPolicy, clock: Date.now, onProblem: () => undefined })
    expect(await identifier.identify(pem)).toMatchObject({ kind: 'refused', detail: 'it cannot be read' })
  },
)
