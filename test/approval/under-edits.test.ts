import { describe, expect, test } from 'vitest'
import { askUnder } from '../../src/approval/ask-under.ts'
import { judge } from '../../src/policy/judge/judge.ts'
import type { Policy, TaskTemplate } from '../../src/policy/policy.ts'
import { leaseOf } from '../policy/a-policy.ts'
import { thePolicy } from '../policy/risk-rules/a-file.ts'
import { anHttpRequest, read } from '../request/a-http-request.ts'

const FILE = `
boundaryNamespace: leasegate
productionNamespaces: [shop]
issuers: [{name: i, issuer: 'https://i.example', audience: a, jwks: {file: keys}}]
agents: [{name: bot, issuer: i, claims: {sub: bot}}]
people:
  - {name: ada, issuer: i, claims: {sub: ada}, roles: [approver, admin]}
  - {name: bo, issuer: i, claims: {sub: bo}, roles: [approver]}
groups: [{name: oncall, members: [ada, bo]}, {name: security, members: [bo]}]
mask: {names: [shade]}
riskRules:
  - {id: own-image, tier: high, why: brings another image, verbs: [patch], apiGroups: [apps], resources: [deployments], changes: [image]}
  - {id: own-odd, tier: high, why: is odd, verbs: [patch], apiGroups: [apps], resources: [deployments]}
templates:
  - name: task
    description: what there is to do
    grants: [{agent: bot, namespaces: [shop, dev]}]
    rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]
    maxTtl: 1h
    approval: {people: 2, groups: [oncall], untilLeaseEnds: true}
`
const WEB = '/apis/apps/v1/namespaces/shop/deployments/web'
const COLOUR = { metadata: { annotations: { colour: 'blue9' } } }

interface Sent {
  readonly line: string
  readonly body?: object
}
const PATCH: Sent = {
  line: `PATCH ${WEB}`,
  body: { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } } },
}
const SECRET: Sent = { line: 'GET /api/v1/namespaces/shop/secrets/db' }
const NOTED: Sent = { line: `PATCH ${WEB}`, body: COLOUR }

const before = thePolicy(FILE)
const [issued] = before.templates as readonly [TaskTemplate]
const lease = leaseOf(issued, { template: 'task', agent: 'bot', namespaces: ['shop'] })

function edit(from: string, to: string): Policy {
  if (!FILE.includes(from)) throw new Error(`there is no ${from}`)
  return thePolicy(FILE.replace(from, to))
}

/** What a yes has to be signed over, or what else the policy says. */
function asked(policy: Policy, { line, body = {} }: Sent): string {
  const bytes = Buffer.from(line.startsWith('GET') ? '' : JSON.stringify(body))
  const [method = '', target = ''] = line.split(' ')
  const headers = [['content-type', 'application/merge-patch+json']] as const
  const http = anHttpRequest({ method, target, headers, body: bytes })
  const request = read(line, { headers: http.headers, body: bytes })
  const verdict = judge({ request, lease, policy })
  if (verdict.kind !== 'approval') return verdict.kind
  const ask = askUnder(policy, { request, body: bytes, lease, above: [], verdict })
  return ask.kind === 'ask' ? `${ask.digest} ${ask.question}` : ask.why
}

const RULE = '  - {id: own-odd,'
const OTHER = `  - name: other
    grants: [{agent: bot, namespaces: [shop]}]
    rules: [{verbs: [get], apiGroups: [''], resources: [pods]}]
    maxTtl: 1h
`
const PEOPLE = 'people: 2, groups: [oncall]'

describe('a yes, after an edit of the policy', () => {
  test.each<{ name: string; to: Policy; of?: Sent }>([
    { name: 'one more namespace counts as production', to: edit('[shop]\n', '[shop, elsewhere]\n') },
    { name: 'one more template', to: edit('  - name: task\n', `${OTHER}  - name: task\n`) },
    { name: 'one more agent', to: edit('agents: [', 'agents: [{name: other, issuer: i, claims: {sub: o}}, ') },
    {
      name: 'one more person',
      to: edit('groups: [{', '  - {name: cy, issuer: i, claims: {sub: cy}, roles: [approver]}\ngroups: [{'),
    },
    { name: 'a name to mask that hides nothing of it', to: edit('[shade]', '[shade, tone]') },
    { name: 'one name to mask less, that hid nothing of it', to: edit('mask: {names: [shade]}\n', '') },
    {
      name: 'one more rule in its template',
      to: edit('rules: [{', "rules: [{verbs: [get], apiGroups: [''], resources: [pods]}, {"),
    },
    { name: 'one more namespace for the agent', to: edit('[shop, dev]', '[shop, dev, test]') },
    { name: 'another description', to: edit('what there is to do', 'in other words') },
    {
      name: 'a rule of risk about something else',
      to: edit(RULE, `  - {id: new, tier: critical, why: is new, apiGroups: [''], resources: [secrets]}\n${RULE}`),
    },
    {
      name: 'a risk of the catalogue, of something else, that weighs more',
      to: edit(RULE, `  - {id: pods-log, tier: critical}\n${RULE}`),
    },
    {
      name: 'a rule of risk taken away, which ran leases keep',
      to: edit(
        '  - {id: own-image, tier: high, why: brings another image, verbs: [patch], apiGroups: [apps], resources: [deployments], changes: [image]}\n',
        '',
      ),
    },
    { name: 'a risk that weighs less', to: edit('own-odd, tier: high', 'own-odd, tier: medium') },
    { name: 'one person less to say it', to: edit(PEOPLE, 'groups: [oncall]') },
    { name: 'nobody of a group', to: edit(PEOPLE, 'people: 2') },
    { name: 'a risk that passes by itself', to: edit('approval: {', 'approval: {skip: [pods-log], ') },
    { name: 'production elsewhere, of a Secret', to: edit('[shop]\n', '[shop, elsewhere]\n'), of: SECRET },
  ])('stands: $name', ({ to, of = PATCH }) => {
    expect(asked(before, of)).toMatch(/^[0-9a-f]{64} /)
    expect(asked(to, of)).toBe(asked(before, of))
  })

  test.each<{ name: string; to: Policy; of?: Sent }>([
    {
      name: 'one more reason to ask',
      to: edit(
        RULE,
        `  - {id: new, tier: high, why: is new, verbs: [patch], apiGroups: [apps], resources: [deployments]}\n${RULE}`,
      ),
    },
    { name: 'a lesser reason that asks as well', to: edit('approval: {', 'approval: {require: [workload-write], ') },
    { name: 'a reason that weighs more', to: edit('own-odd, tier: high', 'own-odd, tier: critical') },
    { name: 'one person more to say it', to: edit('people: 2', 'people: 3') },
    { name: 'another group to say it', to: edit('[oncall], until', '[security], until') },
    { name: 'more people for one of its risks', to: edit('approval: {', 'approval: {risks: {own-odd: {people: 3}}, ') },
    { name: 'a name to mask that hides some of what was shown', to: edit('[shade]', '[shade, colour]'), of: NOTED },
  ])('is void: $name', ({ to, of = PATCH }) => {
    expect(asked(before, of)).toMatch(/^[0-9a-f]{64} /)
    expect(asked(to, of)).toMatch(/^[0-9a-f]{64} /)
    expect(asked(to, of).slice(0, 64)).not.toBe(asked(before, of).slice(0, 64))
  })

  test.each<{ name: string; to: Policy }>([
    { name: 'a tier that never passes', to: edit('approval: {', 'approval: {tiers: {high: never}, ') },
    { name: 'a verb less', to: edit("verbs: ['*'], apiGroups: ['*']", "verbs: [get], apiGroups: ['*']") },
    { name: 'a namespace less', to: edit('[shop, dev]', '[dev]') },
    { name: 'no such template', to: edit('name: task', 'name: another') },
  ])('opens nothing that is closed: $name', ({ to }) => {
    expect(asked(to, PATCH)).toBe('deny')
  })

  test('an approver is shown every reason for which somebody is asked', () => {
    const { why, facts } = JSON.parse(asked(before, PATCH).slice(65))
    expect([why, ...facts]).toEqual(
      expect.arrayContaining(['brings another image', '! it also is odd (high, own-odd)']),
    )
  })
})
