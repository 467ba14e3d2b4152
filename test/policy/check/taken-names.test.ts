import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { takenNameWarnings } from '../../../src/policy/check/people/taken-names.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import { aPolicy } from '../a-policy.ts'

function warningsOf(iss: string, claims: Readonly<Record<string, string>>): readonly string[] {
  const text = `boundaryNamespace: ''
issuers:
  - {name: theirs, issuer: "${iss}", audience: leasegate, jwks: {url: "https://x/keys"}}
agents:
  - {name: bot, issuer: theirs, claims: ${JSON.stringify(claims)}}
`
  const parsed = parsePolicy(text, 'policy.yaml')
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems))
  return takenNameWarnings(parsed.policy).map(({ message }) => message)
}

const GITHUB = 'https://token.actions.githubusercontent.com'
const ENTRA = 'https://login.microsoftonline.com/8b1f2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d/v2.0'
const GOOGLE = 'https://accounts.google.com'
const GITHUB_OWN = 'https://github.corp.example/_services/token'
const OKTA = 'https://corp.okta.com/oauth2/aus1ab2cd3EF4gh5I6j7'
const CLUSTER = 'https://kubernetes.default.svc'
const CORP = 'https://sso.corp.example/realms/corp'

describe('takenNameWarnings', () => {
  test.each([
    {
      iss: GITHUB,
      claims: { repository: 'acme/shop', ref: 'refs/heads/main' },
      says: 'repository, which',
      mend: 'repository_id',
    },
    { iss: GITHUB, claims: { sub: 'repo:acme/shop:ref:refs/heads/main' }, says: 'sub, which', mend: 'repository_id' },
    {
      iss: GITHUB,
      claims: { repository_owner: 'acme' },
      says: 'repository_owner, which',
      mend: 'repository_id, with repository_owner_id',
    },
    { iss: GITHUB, claims: { environment: 'production' }, says: 'which others', mend: 'repository_id' },
    { iss: `${GITHUB}/acme`, claims: { repository: 'acme/shop' }, says: 'repository, which', mend: 'repository_id' },
    {
      iss: GITHUB_OWN,
      claims: { repository: 'acme/shop' },
      says: 'repository, which',
      mend: 'repository_id',
    },
    {
      iss: 'https://gitlab.com',
      claims: { project_path: 'acme/shop' },
      says: 'project_path, which',
      mend: 'project_id',
    },
    {
      iss: 'https://gitlab.com',
      claims: { ref: 'main', ref_protected: 'true' },
      says: 'which others',
      mend: 'project_id',
    },
    {
      iss: 'https://gitlab.corp.example',
      claims: { namespace_path: 'acme' },
      says: 'namespace_path, which',
      mend: 'project_id, with namespace_id',
    },
    {
      iss: 'https://gitlab.corp.example',
      claims: { sub: 'project_path:acme/shop:ref_type:branch:ref:main' },
      says: 'sub, which',
      mend: 'project_id',
    },
    {
      iss: ENTRA,
      claims: { preferred_username: 'grace@corp.example' },
      says: 'preferred_username, which',
      mend: 'oid, with tid',
    },
    { iss: ENTRA, claims: { upn: 'grace@corp.example', tid: 'x' }, says: 'upn, which', mend: 'oid, with tid' },
    { iss: ENTRA, claims: { email: 'grace@corp.example' }, says: 'email, which', mend: 'oid, with tid' },
    {
      iss: 'https://sts.windows.net/8b1f2c3d/',
      claims: { unique_name: 'g' },
      says: 'unique_name, which',
      mend: 'oid, with tid',
    },
    { iss: GOOGLE, claims: { email: 'grace@corp.example', email_verified: 'true' }, says: 'email, which', mend: 'sub' },
    { iss: GOOGLE, claims: { email_verified: 'true' }, says: 'which others', mend: 'sub' },
    { iss: GOOGLE, claims: { hd: 'corp.example' }, says: 'hd, which', mend: 'sub' },
    { iss: GITHUB, claims: { repository_owner_id: '65' }, says: 'which others', mend: 'repository_id' },
    { iss: GITHUB_OWN, claims: { repository_owner_id: '65' }, says: 'which others', mend: 'repository_id' },
    { iss: 'https://gitlab.com', claims: { namespace_id: '72' }, says: 'which others', mend: 'project_id' },
    { iss: GOOGLE, claims: { 'google.compute_engine.project_number': '7' }, says: 'which others', mend: 'sub' },
    { iss: CORP, claims: { preferred_username: 'grace' }, says: 'preferred_username, which', mend: 'a sub' },
    { iss: CORP, claims: { email: 'grace@corp.example', azp: 'console' }, says: 'email, which', mend: 'a sub' },
    { iss: CORP, claims: { azp: 'web-operator' }, says: 'azp, which others', mend: 'a sub' },
    { iss: OKTA, claims: { cid: '0oa1ab2cd3EF4gh5I6j7' }, says: 'cid, which others', mend: 'a sub' },
    {
      iss: OKTA,
      claims: { sub: 'grace@corp.example' },
      says: 'sub, which can come',
      mend: 'a sub that is no login, or uid',
    },
    {
      iss: CLUSTER,
      claims: { 'kubernetes.io.serviceaccount.name': 'web' },
      says: 'kubernetes.io.serviceaccount.name, which others',
      mend: 'kubernetes.io.namespace and',
    },
    {
      iss: CLUSTER,
      claims: { 'kubernetes.io.namespace': 'agents' },
      says: 'kubernetes.io.namespace, which others',
      mend: 'kubernetes.io.namespace and kubernetes.io.serviceaccount.name',
    },
  ])('warns of $claims of $iss', ({ iss, claims, says, mend }) => {
    const [warning, ...more] = warningsOf(iss, claims)
    expect(more).toEqual([])
    expect(warning).toMatch(/^agent "bot" is known by /)
    expect(warning).toContain(says)
    expect(warning).toContain(`name ${mend}`)
  })

  test.each([
    { iss: GITHUB, claims: { repository: 'acme/shop', repository_id: '74' } },
    { iss: GITHUB, claims: { sub: 'repo:acme@65/shop@74:ref:refs/heads/main' } },
    { iss: 'https://gitlab.com', claims: { project_path: 'acme/shop', project_id: '22' } },
    { iss: ENTRA, claims: { preferred_username: 'g', oid: 'x', tid: 'y' } },
    { iss: GOOGLE, claims: { sub: '1', email: 'grace@corp.example' } },
    { iss: CORP, claims: { sub: '1', preferred_username: 'grace' } },
    { iss: CORP, claims: { sub: 'web-operator' } },
    { iss: OKTA, claims: { sub: 'grace@corp.example', uid: '00u1ab2cd3EF4gh5I6j7' } },
    { iss: OKTA, claims: { cid: '0oa1ab2cd3EF4gh5I6j7', sub: '0oa1ab2cd3EF4gh5I6j7' } },
    { iss: CLUSTER, claims: { sub: 'system:serviceaccount:agents:web' } },
    { iss: CLUSTER, claims: { 'kubernetes.io.serviceaccount.name': 'web', 'kubernetes.io.namespace': 'agents' } },
    { iss: CLUSTER, claims: { 'kubernetes.io.serviceaccount.uid': '3f0c' } },
  ])('says nothing of $claims of $iss', ({ iss, claims }) => expect(warningsOf(iss, claims)).toEqual([]))

  test.each(['common', 'organizations', '{tenantid}'])('warns of an issuer for %s tenants', tenant => {
    const iss = `https://login.microsoftonline.com/${tenant}/v2.0`
    expect(warningsOf(iss, { oid: 'x' })).toEqual([expect.stringContaining('an issuer for each tenant')])
  })

  test('warns of people as of agents', () => {
    const issuer = {
      name: 'corp',
      issuer: CORP,
      audience: 'a',
      algorithms: ['ES256'],
      maxTokenLifetimeMs: 1,
      jwks: { kind: 'cluster' as const },
    }
    const match = { issuer: 'corp', claims: { preferred_username: 'grace' } }
    const policy = aPolicy({
      issuers: [issuer],
      agents: [],
      people: [{ name: 'grace', match, roles: ['approver'], alsoKnownAs: [] }],
    })
    expect(takenNameWarnings(policy).map(({ message }) => message)).toEqual([expect.stringMatching(/^person "grace"/)])
  })

  test.each([
    { claim: 'email', warns: true },
    { claim: 'act.preferred_username', warns: true },
    { claim: 'sub', warns: false },
    { claim: 'act.oid', warns: false },
  ])('of sponsors that $claim names: $warns', ({ claim, warns }) => {
    const match = { issuer: 'corp', claims: { sub: '1' } }
    const agents = [{ name: 'bot', match, sponsor: { kind: 'claim' as const, claim, person: true as const } }]
    const messages = takenNameWarnings(aPolicy({ issuers: [], agents, people: [] })).map(({ message }) => message)
    expect(messages).toEqual(
      warns ? [expect.stringMatching(/^sponsors of agent "bot" are named by .*: name them by sub/)] : [],
    )
  })

  test('has nothing to say of a program whose people are the sponsors', () => {
    const issuer = {
      name: 'corp',
      issuer: CORP,
      audience: 'a',
      algorithms: ['ES256'],
      maxTokenLifetimeMs: 1,
      jwks: { kind: 'cluster' as const },
    }
    const said = (sponsor: { kind: 'claim'; claim: string } | { kind: 'fixed'; name: string }) =>
      takenNameWarnings(
        aPolicy({
          issuers: [issuer],
          people: [],
          agents: [{ name: 'model', match: { issuer: 'corp', claims: { client_id: 'a-model' } }, sponsor }],
        }),
      )
    expect(said({ kind: 'claim', claim: 'sub' })).toEqual([])
    expect(said({ kind: 'fixed', name: 'ada' })).toHaveLength(1)
  })

  test('has nothing to say of what docs/identity.md shows', () => {
    const page = readFileSync(new URL('../../../docs/identity.md', import.meta.url), 'utf8')
    const shown = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => {
      const parsed = parsePolicy(`boundaryNamespace: leasegate\n${text}`, 'policy.yaml')
      return parsed.kind === 'policy' ? takenNameWarnings(parsed.policy) : ['unread']
    })
    expect(shown.length).toBeGreaterThan(5)
    expect(shown.flat()).toEqual([])
  })
})
