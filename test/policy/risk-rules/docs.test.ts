import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { RISKS } from '../../../src/policy/risk/risks.ts'
import { leasegate } from '../../cli/leasegate.ts'
import { problemsOf } from './a-file.ts'

const page = readFileSync(new URL('../../../docs/policy.md', import.meta.url), 'utf8')
const BY_DEFAULT = { asks: 'approval', refused: 'dangerous' } as const

describe('docs/policy.md', () => {
  test('says of the risks that it names what the catalogue says', () => {
    const rows = [...page.matchAll(/^\| (`[^|]+) \| (asks|refused) \|/gm)]
    const named = rows.flatMap(([, ids = '', says = '']) =>
      [...ids.matchAll(/`([a-z-]+)`/g)].map(([, id = '']) => ({ id, says })),
    )
    const wrong = named.filter(
      ({ id, says }) => RISKS.find(risk => risk.id === id)?.disposition !== BY_DEFAULT[says as keyof typeof BY_DEFAULT],
    )
    expect(named.length).toBeGreaterThan(20)
    expect(wrong).toEqual([])
  })

  test('has rules that a policy file takes', () => {
    const [, rules = ''] = /```yaml\n(namespaceClasses:[\s\S]*?)templates:/.exec(page) ?? []
    const file = `
issuers: [{name: corp, issuer: 'https://i.example', audience: a, jwks: {file: keys}}]
agents: [{name: bot, issuer: corp, claims: {sub: bot}}]
boundaryNamespace: ''
groups: [{name: platform-oncall, issuer: corp, claims: {groups: sre}}]
${rules}templates:
  - name: deploy
    grants: [{agent: bot, namespaces: [a]}]
    rules: [{verbs: [get], apiGroups: [''], resources: [pods]}]
    maxTtl: 1h
    approval:${/approval:\n {6}tiers:.*critical.*\n/.exec(page)?.[0].replace('approval:', '') ?? ' none'}`
    expect(problemsOf(file)).toBe('')
  })
})

describe('leasegate policy risks', () => {
  test('prints every risk with its tier and its sentence', async () => {
    const { code, stdout } = await leasegate(['policy', 'risks'])
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    const unsaid = RISKS.filter(
      ({ id, tier, why }) =>
        !lines.some(line => line.startsWith(`${id} `) && line.includes(` ${tier} `) && line.endsWith(`this ${why}`)),
    )
    expect(unsaid).toEqual([])
  })
})
