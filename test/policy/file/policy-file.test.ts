import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'
import { EXAMPLE_FILE } from '../a-policy.ts'

const example = readFileSync(EXAMPLE_FILE, 'utf8')
const vector = (name: string) => readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8')

function problemsOf(text: string): string {
  const parsed = parsePolicy(text, 'policy.yaml')
  return parsed.kind === 'policy' ? '' : describeProblems(parsed.problems, 'policy.yaml')
}

/** The example with one piece of text in another's place. */
function changed(from: string, to: string): string {
  if (!example.includes(from)) throw new Error(`the example has no ${from}`)
  return example.replace(from, to)
}

describe('parsePolicy', () => {
  test('reads the example', () => {
    const parsed = parsePolicy(example, 'etc/policy.yaml')
    if (parsed.kind === 'problems') throw new Error(describeProblems(parsed.problems, 'example'))
    const { policy } = parsed
    expect(policy.revision).toBe(createHash('sha256').update(readFileSync(EXAMPLE_FILE)).digest('hex'))
    expect(policy.issuers.map(({ jwks }) => jwks)).toEqual([
      { kind: 'file', path: 'etc/keys/cluster.jwks.json' },
      { kind: 'url', url: 'https://login.corp.example/keys', caFile: 'etc/keys/corp-ca.pem' },
    ])
    expect(policy.agents.map(({ sponsor }) => sponsor)).toEqual([
      { kind: 'fixed', name: 'ada@corp.example' },
      { kind: 'claim', claim: 'on_behalf_of' },
    ])
    expect(policy.templates[0]).toMatchObject({
      maxTtlMs: 3_600_000,
      budgets: { requests: 2000, mutations: 20, deletes: 0 },
      dangerous: [],
    })
    expect(policy.templates[1]?.rules[2]).toMatchObject({
      scope: 'cluster',
      resources: [],
      nonResourceURLs: ['/metrics'],
    })
  })

  test('says everything that is wrong at once, each with its line and column', () => {
    expect(`${problemsOf(vector('policy-mistakes.yaml')).replaceAll('policy.yaml', 'policy-mistakes.yaml')}\n`).toBe(
      vector('policy-mistakes.txt'),
    )
  })

  test.each([
    { name: 'an empty file', text: '', want: '1:1: the file must be a mapping' },
    { name: 'a list', text: '- 1', want: '1:1: the file must be a mapping' },
    { name: 'broken YAML', text: 'agents: [', want: '1:10: Flow sequence' },
    {
      name: 'a key given twice',
      text: changed('productionNamespaces', 'boundaryNamespace'),
      want: 'Map keys must be unique',
    },
    { name: 'two documents', text: `${example}\n---\na: 1\n`, want: 'multiple documents' },
    { name: 'an unknown tag', text: changed('restart-web', '!!secret x'), want: 'Unresolved tag' },
    { name: 'a number for a duration', text: changed('maxTtl: 1h', 'maxTtl: 60'), want: 'maxTtl must be a string' },
    { name: 'a symmetric algorithm', text: changed('[ES256]', '[HS256]'), want: 'algorithms[0] must be one of RS256' },
    { name: 'keys over plain HTTP', text: changed('url: https:', 'url: http:'), want: 'must begin with https://' },
    {
      name: 'half a number',
      text: changed('maxLeases: 3', 'maxLeases: 1.5'),
      want: 'maxLeases must be a whole number',
    },
    {
      name: 'a person like an agent',
      text: changed(
        'issuer: corp\n    claims: { sub: 7c4a1d2e-3f5b-4c6d-8e9f-0a1b2c3d4e5f }',
        'issuer: cluster\n    claims: { email: g }',
      ),
      want: 'could be the same identity as agent',
    },
  ])('refuses $name', ({ text, want }) => {
    expect(problemsOf(text)).toContain(want)
  })

  test('aliases cannot blow the file up', () => {
    const levels = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}*a${n}]`)
    expect(problemsOf(`a0: &a0 [x]\n${levels.join('\n')}`)).toContain('anchors and aliases make the file too large')
  })

  test('keys may come over plain HTTP from this machine', () => {
    expect(problemsOf(changed('url: https://login.corp.example/keys', 'url: http://127.0.0.1:8080/keys'))).toBe('')
  })

  test('agents of one issuer that want different values of one claim are apart', () => {
    const more = changed('agents:web-operator" }', 'agents:web-operator", team: web }')
    expect(problemsOf(more)).toBe('')
  })

  test('whatever the text is, it gives a policy or problems and never throws', () => {
    const lines = example.split('\n')
    const cut = fc
      .tuple(fc.nat(lines.length), fc.nat(lines.length), fc.string({ maxLength: 12 }))
      .map(([from, to, text]) => [...lines.slice(0, from), text, ...lines.slice(to)].join('\n'))
    fc.assert(
      fc.property(fc.oneof(fc.string(), cut), text => {
        const parsed = parsePolicy(text, 'policy.yaml')
        if (parsed.kind === 'problems') expect(parsed.problems.length).toBeGreaterThan(0)
      }),
      { numRuns: 150 },
    )
  })
})
