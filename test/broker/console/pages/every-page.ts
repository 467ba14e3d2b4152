import { describe, expect, test } from 'vitest'
import { hana, id, world } from './the-console.ts'

describe('every page', () => {
  test('carries the headers that keep others out of it', async () => {
    const answers = await Promise.all([
      hana.once('/console'),
      hana.once(`/console/approvals/${id}`),
      hana.once('/console/nothing'),
      hana.once('/console/signed-out'),
      hana.once('/console/assets/console.js'),
      world.browser().once('/console'),
      hana.once('/console', { headers: { host: 'rebound.example' } }),
    ])
    for (const { headers } of answers) {
      const policy = headers['content-security-policy'] ?? ''
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
      ])
        expect(policy).toContain(rule)
      expect(policy).not.toMatch(/unsafe|\*|data:|https?:/)
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
      })
    }
  })

  test('has no script, style or handler within it, so the policy of the page holds for all of it', async () => {
    for (const path of [
      '/console',
      `/console/approvals/${id}`,
      `/console/approvals/${id}/body`,
      '/console/leases',
      `/console/leases/${world.lease.id}`,
      '/console/agents',
      '/console/policy',
    ]) {
      const { text } = await hana.get(path)
      expect(text).not.toMatch(/<\w[^<>]* (?:style|on\w+)=|<style|<script>|="javascript:/)
    }
  })

  test('of the policy shows the places of a template, and what may stand in each', async () => {
    const { broker } = world
    const before = broker.policy
    broker.policy = {
      ...before,
      templates: before.templates.map(template => ({
        ...template,
        parameters: { name: 'web-[a-z]+', ticket: 'OPS-<7>' },
      })),
    }
    const { text } = await hana.get('/console/policy')
    broker.policy = before
    expect(text).toMatch(/\{name\}[^\n]*web-\[a-z\]\+/)
    expect(text).toMatch(/\{ticket\}[^\n]*OPS-&lt;7&gt;/)
  })

  test('of the policy shows its risks, what a template makes of each tier, and who is in its groups', async () => {
    const { broker } = world
    const before = broker.policy
    const match = { apiGroups: ['apps'], resources: ['deployments'], namespaces: ['shop'], changes: ['image'] } as const
    const nothing = { verbs: [], resourceNames: [], changesOnly: [], minObjects: 0, replaces: [] }
    const oncall = { people: 2, groups: [['oncall']] }
    broker.policy = {
      ...before,
      groups: [{ name: 'oncall', members: ['hana', 'grace'], match: { issuer: 'corp', claims: { groups: 'sre' } } }],
      riskRules: [
        { id: 'prod-image', tier: 'high', why: 'changes <what> serves', match: { ...nothing, ...match } },
        { id: 'pods-log', tier: 'critical', why: '', match: null },
      ],
      templates: before.templates.map(template => ({
        ...template,
        approval: { ...template.approval, tiers: { low: 'pass', high: oncall, critical: 'never' } },
      })),
    }
    const { text } = await hana.get('/console/policy')
    broker.policy = before
    const plain = text.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ')
    expect(plain).toContain(
      'changes &lt;what&gt; serves prod-image: anything on deployments of the groups apps in shop, that may change image',
    )
    expect(plain).toContain('pods-log: of the catalogue, weighed anew')
    expect(plain).toMatch(/low: passes ?high: asks 2 people of oncall ?critical: never passes/)
    expect(plain).toContain('oncall: hana, grace or a token of corp with groups=sre')
  })

  test('comes again only when it is another one', async () => {
    const first = await hana.get('/console/policy')
    const again = await hana.once('/console/policy', { headers: { 'if-none-match': first.headers.etag } })
    expect(again).toMatchObject({ status: 304, text: '' })
    const asked = await hana.get('/console')
    world.broker.aheadMs = 61_000
    expect((await hana.once('/console', { headers: { 'if-none-match': asked.headers.etag } })).status).toBe(304)
    world.broker.aheadMs = 0
    await world.pending()
    expect((await hana.once('/console', { headers: { 'if-none-match': asked.headers.etag } })).status).toBe(200)
  })

  test('has no token, code or secret in any address', async () => {
    const { text } = await hana.get(`/console/approvals/${id}`)
    for (const [, address = ''] of text.matchAll(/(?:href|action|src)="([^"]*)"/g)) expect(address).not.toMatch(/[?;]/)
  })
})
