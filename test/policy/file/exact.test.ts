import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { patternIn } from '../../../src/policy/file/exact.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'

/** Line 5 is the value of the claim. */
const policyWith = ({ value = 'a', claim = 'sub', issuer = 'https://i.example', audience = 'a', rest = '' }) => `
issuers: [{name: ci, issuer: ${JSON.stringify(issuer)}, audience: ${JSON.stringify(audience)}, jwks: {file: k.json}}]
boundaryNamespace: ''
agents:
  - {name: bot, issuer: ci, claims: {${JSON.stringify(claim)}: ${JSON.stringify(value)}}${rest}}
`

function problemsOf(text: string): readonly string[] {
  const parsed = parsePolicy(text, 'policy.yaml')
  if (parsed.kind === 'policy') return []
  return parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

describe('a value that is compared as it stands', () => {
  test.each([
    { value: 'repo:acme@*', share: 'repository_owner' },
    { value: 'repo:acme/*:ref:refs/heads/main', share: 'repository_owner' },
    { value: 'repo:acme/web:*', share: 'environment of GitHub' },
    { value: 'system:serviceaccount:*', share: 'kubernetes.io.namespace' },
    { value: 'system:serviceaccount:agents:*', share: 'kubernetes.io.namespace' },
    { value: 'project_path:group/*:ref_type:branch:ref:main', share: 'namespace_path' },
    { value: 'organization:acme:project:*', share: 'terraform_' },
    { value: '*@corp.example', share: 'hd of Google' },
    { value: '*', share: 'a group' },
    { value: '^repo:acme/', share: 'a group' },
    { value: 'repo:acme/web$', share: 'repository_owner' },
    { value: 'repo:acme/.+', share: 'repository_owner' },
    { value: 'repo:acme/(web|api)', share: 'repository_owner' },
    { value: 'repo:acme/web-[0-9]', share: 'repository_owner' },
    { value: 'repo:acme/web-?', share: 'repository_owner' },
    { value: 'repo:acme/{web,api}', share: 'repository_owner' },
    { value: `repo:\${ORG}/web`, share: 'repository_owner' },
    { value: 'repo:{{ org }}/web', share: 'repository_owner' },
  ])('is no pattern: $value is a mistake, with its place and a claim to ask for', ({ value, share }) => {
    const [problem = '', ...others] = problemsOf(policyWith({ value }))
    expect(others).toEqual([])
    expect(problem).toMatch(/^5:\d+ agents\[0\]\.claims\.sub must be the value of the claim as it is/)
    expect(problem).toContain('stands for nothing here')
    expect(problem).toContain(share)
    const column = Number(/^5:(\d+)/.exec(problem)?.[1])
    expect(
      policyWith({ value })
        .split('\n')[4]
        ?.slice(column - 1),
    ).toMatch(/^"/)
  })

  test.each([
    'repo:acme/web:ref:refs/heads/main',
    'repo:acme/web:environment:prod',
    'repo:acme/web:ref:refs/heads/feature%2Fx',
    'auth0|5f7c8ec7c33c6c004bbafe82',
    'dependabot[bot]',
    'system:serviceaccount:agents:web-operator',
    'spiffe://corp.example/ns/agents/sa/web',
    'https://login.example/u?id=7',
    'CN=web,OU=Agents,O=Acme Inc.',
    'ada+test@corp.example',
    '/subscriptions/0000/resourceGroups/x/providers/y',
    '00000000-0000-0000-0000-000000000000',
    'arn:aws:sts::123456789012:assumed-role/agent/i-0abc',
    '山田 太郎',
    'Ann (on call)',
    '100%',
    'a.b.c',
    '[deleted]',
  ])('may be what issuers write: %s', value => {
    expect(patternIn(value)).toBeNull()
    expect(problemsOf(policyWith({ value }))).toEqual([])
  })

  test.each([
    { name: 'an issuer', given: { issuer: 'https://*.example' }, says: /^2:\d+ issuers\[0\]\.issuer must be the iss/ },
    { name: 'an audience', given: { audience: '*' }, says: /^2:\d+ issuers\[0\]\.audience must be the aud/ },
    { name: 'the name of a claim', given: { claim: 'groups.*' }, says: /^5:\d+ .*claims/ },
    { name: 'a sponsor', given: { rest: ', sponsor: "*@corp.example"' }, says: /^5:\d+ agents\[0\]\.sponsor must be/ },
    { name: "a sponsor's claim", given: { rest: ', sponsor: {claim: "act.*"}' }, says: /^5:\d+ agents\[0\]\.sponsor/ },
  ])('is one elsewhere too: $name', ({ given, says }) => {
    expect(problemsOf(policyWith(given))).toEqual([expect.stringMatching(says)])
  })

  test.each(['policy-example.yaml'])('%s has none', file => {
    const text = readFileSync(new URL(`../../vectors/${file}`, import.meta.url), 'utf8')
    expect(problemsOf(text)).toEqual([])
  })
})
