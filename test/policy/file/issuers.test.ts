import { describe, expect, test } from 'vitest'
import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'

const issuer = (name: string, lines: string) => `  - name: ${name}\n    jwks: { url: "https://x/keys" }\n    ${lines}\n`

function problemsOf(...issuers: readonly string[]): string {
  const parsed = parsePolicy(`boundaryNamespace: ''\nissuers:\n${issuers.join('')}`, 'policy.yaml')
  return parsed.kind === 'policy' ? '' : describeProblems(parsed.problems, 'policy.yaml')
}

describe('issuers of the policy file', () => {
  test.each([
    { name: 'an iss', lines: 'issuer: https://x\n    audience: a' },
    { name: 'a trust domain', lines: 'trustDomain: prod.example\n    audience: a' },
    { name: 'both', lines: 'issuer: https://x\n    trustDomain: prod.example\n    audience: a' },
    { name: 'other audiences', lines: 'issuer: https://x\n    audience: a\n    otherAudiences: [account]' },
  ])('are known by $name', ({ lines }) => expect(problemsOf(issuer('one', lines))).toBe(''))

  test.each([
    { name: 'neither iss nor trust domain', lines: 'audience: a', says: 'issuers[0].issuer is missing' },
    { name: 'an iss that is empty', lines: 'issuer: ""\n    audience: a', says: 'issuer must not be empty' },
    { name: 'an iss that is null', lines: 'issuer:\n    audience: a', says: 'issuer must be a string' },
    {
      name: 'a SPIFFE id for a trust domain',
      lines: 'trustDomain: spiffe://prod.example\n    audience: a',
      says: 'trustDomain must be a trust domain',
    },
    {
      name: 'a pattern for others',
      lines: 'issuer: https://x\n    audience: a\n    otherAudiences: ["*"]',
      says: '"*"',
    },
  ])('are refused with $name', ({ lines, says }) => expect(problemsOf(issuer('one', lines))).toContain(says))

  test('one may be there for two audiences, and only once for each', () => {
    const of = (name: string, audience: string) => issuer(name, `issuer: https://x\n    audience: ${audience}`)
    expect(problemsOf(of('agents', 'a'), of('console', 'b'))).toBe('')
    expect(problemsOf(of('agents', 'a'), of('console', 'b'), of('again', 'a'))).toContain('is used twice: "https://x"')
    const domain = (name: string) => issuer(name, 'trustDomain: prod.example\n    audience: a')
    expect(problemsOf(domain('one'), domain('two'))).toContain('is used twice: "prod.example"')
  })

  const withLogin = (login: string, iss = 'https://x') =>
    issuer('one', `issuer: ${iss}\n    audience: a\n    login: ${login}`)

  test('people may log in at one, as a client of its own or the one that there is', () => {
    expect(problemsOf(withLogin('{clientId: cli}'))).toBe('')
    expect(problemsOf(withLogin('{clientId: a, scopes: openid groups}'))).toBe('')
  })

  test('people may consent by one whose tokens open nothing, as a client that nobody logs in with', () => {
    const people = issuer('two', 'issuer: https://x\n    audience: b\n    login: {clientId: people}')
    expect(problemsOf(`${people}${withLogin('{clientId: cli}')}    consentFor: two\n`)).toBe('')
    expect(problemsOf(`${people}${withLogin('{clientId: people}')}    consentFor: two\n`)).toContain('another entry')
  })

  test.each([
    { name: 'no client', text: withLogin('{}'), says: 'clientId' },
    { name: 'scopes that bring no identity token', text: withLogin('{clientId: cli, scopes: email}'), says: 'openid' },
    { name: 'an issuer that is asked in the clear', text: withLogin('{clientId: cli}', 'http://x'), says: 'https://' },
    {
      name: 'a trust domain alone',
      text: issuer('one', 'trustDomain: x.example\n    audience: a\n    login: {clientId: cli}'),
      says: 'must be named by issuer',
    },
    {
      name: 'a client that is the audience of another entry',
      text: `${withLogin('{clientId: b}')}${issuer('two', 'issuer: https://x\n    audience: b')}`,
      says: 'is what another entry of this issuer has',
    },
  ])('nobody logs in with $name', ({ text, says }) => expect(problemsOf(text)).toContain(says))

  const keysAt = (url: string) =>
    problemsOf(`  - {name: one, issuer: "https://x", audience: a, jwks: {url: "${url}", tokenFile: t}}\n`)

  test.each(['https://idp.example/keys', 'http://127.0.0.1:8080/keys', 'http://localhost/keys', 'http://[::1]:1/k'])(
    'keys may be at %s',
    url => expect(keysAt(url)).toBe(''),
  )

  test.each([
    'http://localhost:x@evil.example/keys',
    'http://127.0.0.1:80@evil.example/keys',
    'http://localhost:@evil.example/keys',
    'http://127.0.0.1.evil.example/keys',
    'http://localhost.evil.example/keys',
  ])('keys are not fetched in the clear from elsewhere, whatever it looks like: %s', url =>
    expect(keysAt(url)).toContain('jwks.url must begin with https:// (http:// for loopback only)'),
  )

  test.each(['https://idp.example@evil.example/keys', 'https://me:hush@idp.example/', 'http://me@localhost/'])(
    'no URL has a login in it: %s',
    url => expect(keysAt(url)).toContain('jwks.url must have no user or password in it'),
  )

  test.each(['caFile', 'tokenFile'])('%s is for keys that are fetched from a URL', key => {
    const file = `  - {name: one, issuer: "https://x", audience: a, jwks: {file: keys.json, ${key}: x}}\n`
    expect(problemsOf(file)).toContain(`jwks.${key} has a meaning only beside url`)
  })

  test.each([
    { jwks: '{cluster: true}', said: '' },
    { jwks: '{file: keys.json}', said: 'issuers[0].tokenReview has a meaning only with jwks: {cluster: true}' },
    { jwks: '{url: "https://x/keys"}', said: 'issuers[0].tokenReview has a meaning only with jwks: {cluster: true}' },
  ])('the API server that is asked about tokens is that of this cluster: $jwks', ({ jwks, said }) => {
    const file = `  - {name: one, issuer: "https://x", audience: a, tokenReview: true, jwks: ${jwks}}\n`
    expect(problemsOf(file)).toContain(said)
    expect(problemsOf(file) === '').toBe(said === '')
  })

  test('a number for a claim is told apart from its text, which YAML does not keep', () => {
    const agents = '\nagents:\n  - {name: ci, issuer: one, claims: {repository_id: 0074}}\n'
    expect(problemsOf(issuer('one', 'issuer: https://x\n    audience: a'), agents)).toContain('write it in quotes')
  })
})
