import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RedisHoldStore } from '../../../src/lease/hold/redis-hold-store.ts'
import { type Browser, field, type Page } from './browser.ts'
import { ConsoleWorld, ORIGIN } from './console-world.ts'

let world: ConsoleWorld
let hana: Browser
beforeAll(async () => {
  world = await ConsoleWorld.start()
  hana = await world.signedIn('hana')
})
afterAll(() => world.stop())

let id: string
let digest: string
let page: Page
/** Another one once it was answered: an agent may ask only so many. */
beforeEach(async () => {
  if (id !== undefined && (await stateOf(id)) === 'pending') return
  digest = crypto.randomUUID().replaceAll('-', '')
  id = await world.pending({}, digest)
  page = await hana.get(`/console/approvals/${id}`)
})

/** The fields of the form that answers, as the page has them. */
const answering = (from: Page, verdict: string) => ({
  'form-token': field(from, 'form-token'),
  digest: field(from, 'digest'),
  verdict,
})

const stateOf = async (of: string) => (await world.broker.as('web-operator', 'GET', `/v1/approvals/${of}`)).body.state

describe('a question', () => {
  test('stands in the inbox, and on a page of its own with everything that is bound', async () => {
    const inbox = await hana.get('/console')
    expect(inbox.text).toContain(`href="/console/approvals/${id}"`)
    for (const shown of [
      'get secrets &quot;db&quot; in shop',
      'GET /api/v1/namespaces/shop/secrets/db',
      digest,
      'secrets-get',
      'web-operator',
      'ada',
      world.lease.id,
    ])
      expect(page.text).toContain(shown)
    expect(page.text).toContain('the agent’s own words, checked by nobody')
  })

  test('is answered with a reason, and the request passes once', async () => {
    const form = { ...answering(page, 'approved'), reason: 'go ahead' }
    const answered = await hana.post(`/console/approvals/${id}`, form)
    expect(answered).toMatchObject({ status: 200, url: `${ORIGIN}/console/approvals/${id}` })
    expect(answered.text).toContain('Approved by')
    expect(answered.text).toContain('go ahead')
    expect(await world.ask({}, digest)).toEqual({ kind: 'allowed', approval: id })
    expect(await world.ask({}, digest)).toMatchObject({ kind: 'pending' })
    expect((await hana.get(`/console/approvals/${id}`)).text).toContain('and used')
  })

  test('that two people must say yes to shows who did, and offers nobody a second yes', async () => {
    const quorum = { people: 2, groups: [] }
    const two = await world.pending({ quorum })
    const before = await hana.get(`/console/approvals/${two}`)
    expect(before.text).toContain('0 of 2 people said yes')
    const after = await hana.post(`/console/approvals/${two}`, {
      ...answering(before, 'approved'),
      reason: 'looks <b>right</b>',
    })
    expect(after.text).toContain('1 of 2 people said yes')
    expect(after.text).toContain('looks &lt;b&gt;right&lt;/b&gt;')
    expect(after.text).toContain('you said yes to this already')
    expect(after.text).not.toContain('Approve exactly')
    expect(after.text).toContain('Reject')
    expect((await hana.get('/console')).text).toContain('1 of 2 people said yes')
    expect((await hana.post(`/console/approvals/${two}`, answering(after, 'approved'))).status).toBe(403)
    const grace = await world.signedIn('grace')
    const theirs = await grace.get(`/console/approvals/${two}`)
    const done = await grace.post(`/console/approvals/${two}`, answering(theirs, 'approved'))
    expect(done.text).toContain('Approved by <bdi>hana, grace</bdi>')
  })

  test('says with the answer which plan was in sight, also where the page took it in later', async () => {
    const nothing = { facts: [], changes: [], affected: [], counts: [], notes: [], cut: [], object: null }
    const seen: (number | null)[] = []
    const before = world.broker.planner
    world.broker.planner = {
      ...before,
      of: async () => ({ kind: 'plan', plan: { ...nothing, kind: 'write', madeAt: 4711, summary: 'does it' } }),
      bind: async (_, seenAt) => {
        seen.push(seenAt)
        return { kind: 'bound', bound: '' }
      },
    }
    const shown = await hana.get(`/console/approvals/${id}`)
    // What script takes in of a page is what changed in it.
    const taken = /<div id="plan" data-live="4711">[\s\S]*?<div id="answer"/.exec(shown.text)?.[0] ?? ''
    expect(taken).toContain('name="plan" value="4711" form="say"')
    expect(shown.text).toContain('<form id="say"')
    await hana.post(`/console/approvals/${id}`, { ...answering(shown, 'approved'), plan: field(shown, 'plan') })
    expect(seen).toEqual([4711])
    world.broker.planner = before
  })

  test('a yes can be taken back, a no keeps the request out', async () => {
    const yes = await hana.post(`/console/approvals/${id}`, answering(page, 'approved'))
    await hana.post(`/console/approvals/${id}`, answering(yes, 'rejected'))
    expect(await stateOf(id)).toBe('rejected')
    expect((await world.ask({}, digest)).kind).not.toBe('allowed')
  })

  test('an answer is to what the page showed', async () => {
    const other = { ...answering(page, 'approved'), digest: 'ab'.repeat(16) }
    expect((await hana.post(`/console/approvals/${id}`, other)).status).toBe(409)
    const { digest: _, ...none } = answering(page, 'approved')
    expect((await hana.post(`/console/approvals/${id}`, none)).status).toBe(400)
    expect(await stateOf(id)).toBe('pending')
  })

  test('whoever the API refuses the console refuses: who is no approver, and the sponsor', async () => {
    const root = await world.signedIn('root')
    const seen = await root.get(`/console/approvals/${id}`)
    expect(seen.text).not.toContain('Approve exactly')
    const form = { ...answering(page, 'approved'), 'form-token': field(seen, 'form-token') }
    expect(await root.post(`/console/approvals/${id}`, form)).toMatchObject({
      status: 403,
      text: expect.stringContaining('root is not an approver'),
    })
    const own = await world.pending({ sponsor: 'Grace' })
    const grace = await world.signedIn('grace')
    const theirs = await grace.get(`/console/approvals/${own}`)
    expect(theirs.text).toContain('you are the sponsor of this request')
    const asSponsor = { ...form, digest: digestOf(theirs), 'form-token': field(theirs, 'form-token') }
    expect((await grace.post(`/console/approvals/${own}`, asSponsor)).status).toBe(403)
    expect(await stateOf(id)).toBe('pending')
  })

  test('what was refused is on record with the person', async () => {
    await hana.post(`/console/approvals/${id}`, { ...answering(page, 'approved'), digest: 'ab'.repeat(16) })
    const entries = await world.broker.link.ask('entries', redis => redis.xrange('{lg:refusals}:stream', '-', '+'))
    const said = JSON.stringify(entries)
    expect(said).toMatch(/\\"person\\":\\"hana\\"[^}]*\\"status\\":409/)
  })

  test('one that is none is told so', async () => {
    for (const path of [
      '/console/approvals/apr_x',
      '/console/leases/lse_x',
      '/console/agents/nobody',
      '/console/nothing',
    ])
      expect(await hana.get(path)).toMatchObject({ status: 404, text: expect.stringContaining('was not done') })
  })
})

const digestOf = ({ text }: Page) => /<dt>Digest<\/dt><dd><code><bdi>([0-9a-f]+)/.exec(text)?.[1] ?? ''

describe('requests from elsewhere', () => {
  const refused = async (sending: Parameters<Browser['once']>[1]) => {
    const answer = await hana.once(`/console/approvals/${id}`, {
      method: 'POST',
      form: answering(page, 'approved'),
      ...sending,
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.headers.location).toBeUndefined()
    expect(await stateOf(id)).toBe('pending')
  }

  test('the form answers, so that the others are refused for what they say', async () => {
    const good = await hana.once(`/console/approvals/${id}`, { method: 'POST', form: answering(page, 'approved') })
    expect(good.status).toBe(303)
  })

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['a neighbour', { origin: 'https://other.console.test' }],
    ['no origin', { origin: undefined }],
    ['a page without one', { origin: 'null' }],
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour, as the browser says', { 'sec-fetch-site': 'same-site' }],
    ['a script’s plain text', { 'content-type': 'text/plain' }],
    ['JSON', { 'content-type': 'application/json' }],
    ['another name for this address', { host: 'rebound.example' }],
  ])('change nothing: %s', async (_, headers) => {
    await refused({ headers })
  })

  test('change nothing without the session’s form token, or with another session’s', async () => {
    const { 'form-token': _, ...without } = answering(page, 'approved')
    await refused({ form: without })
    const other = await (await world.signedIn('hana')).get('/console')
    await refused({ form: { ...without, 'form-token': field(other, 'form-token') } })
  })

  test('change nothing with a field twice', async () => {
    await refused({ raw: `${new URLSearchParams(answering(page, 'rejected'))}&verdict=approved` })
  })

  test('change nothing by GET, whatever is in the query', async () => {
    const query = new URLSearchParams(answering(page, 'approved'))
    await hana.once(`/console/approvals/${id}?${query}`, { headers: { 'user-agent': 'Slackbot-LinkExpanding 1.0' } })
    await hana.once(`/console/approvals/${id}?${query}`, { method: 'HEAD' })
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      await hana.once(`/console/approvals/${id}?${query}`, { method, form: answering(page, 'approved') })
    expect(await stateOf(id)).toBe('pending')
  })

  test('see nothing under another name', async () => {
    const seen = await hana.once('/console', { headers: { host: 'rebound.example' } })
    expect(seen).toMatchObject({ status: 404, text: expect.not.stringContaining(id) })
  })
})

describe('what agents write', () => {
  const HOSTILE = '<img src=x onerror=alert(1)>"\'`</title></textarea><script>alert(1)</script>&lt;b&gt;'
  const HIDDEN = 'safe\u202e txt.exe\u200b\u0007\u001b[31m'

  test('is text wherever it stands, and nothing that is not seen', async () => {
    const own = await world.pending({
      summary: `a ${HOSTILE}`,
      facts: [`! b ${HOSTILE}`, `c ${HOSTILE}`],
      target: `/d${HOSTILE}`,
      contentType: `e/${HOSTILE}`,
      bodyBytes: 5,
      bodySha256: HOSTILE,
      bodyPreview: `f ${HOSTILE}\n${HIDDEN}`,
      bodyCut: `g ${HOSTILE}`,
      risk: `h ${HOSTILE}`,
      sponsor: `i ${HOSTILE}`,
      task: `j ${HOSTILE} ${HIDDEN}`,
    })
    for (const path of [
      '/console',
      `/console/approvals/${own}`,
      `/console/leases/${world.lease.id}`,
      '/console/agents/web-operator',
    ]) {
      const { text } = await hana.get(path)
      expect(text).not.toMatch(/<img src=x|<script>|<\/textarea><|onerror=alert\(1\)>/)
      for (const hidden of '\u202e\u200b\u0007\u001b') expect(text).not.toContain(hidden)
      expect(text).toContain('&lt;img src=x')
      expect(text.match(/<script /g)).toHaveLength(1)
    }
    const shown = (await hana.get(`/console/approvals/${own}`)).text
    for (const letter of 'abcdefghij')
      expect(shown).toContain(letter === 'd' ? '/d&lt;img' : `${letter}${letter === 'e' ? '/' : ' '}&lt;img`)
  })

  test('is text in a lease, and in what people say', async () => {
    const wish = { template: 'restart-web', reason: `k ${HOSTILE}`, ticket: `l ${HOSTILE}`, namespaces: ['shop'] }
    const { id: lease } = (await world.broker.as('web-operator', 'POST', '/v1/leases', wish)).body
    const root = await world.signedIn('root')
    const before = await root.get(`/console/leases/${lease}`)
    const ended = await root.post(`/console/leases/${lease}/revoke`, {
      'form-token': field(before, 'form-token'),
      reason: `m ${HOSTILE}`,
    })
    for (const letter of 'klm') expect(ended.text).toContain(`${letter} &lt;img src=x`)
    expect(ended.text).not.toMatch(/<img src=x|<script>/)
  })

  test('says how many signs would not be seen', async () => {
    const own = await world.pending({ summary: 'get secrets "d\\u{202e}b"' })
    expect((await hana.get(`/console/approvals/${own}`)).text).toContain('1 signs in this request would not be seen')
  })
})

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

describe('leases and agents', () => {
  test('a lease says what it grants and what was used of it; an admin ends it', async () => {
    const wish = { template: 'restart-web', reason: 'web is slow', namespaces: ['shop-dev'], ttl: '1h' }
    const { id: lease } = (await world.broker.as('web-operator', 'POST', '/v1/leases', wish)).body
    expect((await hana.get('/console/leases')).text).toContain(lease)
    const seen = await hana.get(`/console/leases/${lease}`)
    expect(seen.text).toMatch(/<strong>get<\/strong>.*pods.*in.*shop-dev/s)
    expect(seen.text).toContain('0 of 10')
    expect(seen.text).toContain(`leasegate query lease-timeline --lease ${lease}`)
    expect(seen.text).not.toContain('Revoke this lease')
    const form = (from: Page) => ({ 'form-token': field(from, 'form-token'), reason: 'wrong cluster' })
    expect((await hana.post(`/console/leases/${lease}/revoke`, form(seen))).status).toBe(403)
    const root = await world.signedIn('root')
    const ended = await root.post(`/console/leases/${lease}/revoke`, form(await root.get(`/console/leases/${lease}`)))
    expect(ended.text).toMatch(/Ended by.*root.*wrong cluster/s)
    const { state } = (await world.broker.as('web-operator', 'GET', `/v1/leases/${lease}`)).body
    expect(state).toMatchObject({ kind: 'revoked', by: 'root' })
  })

  test('an admin holds an agent and releases it; nobody else does', async () => {
    const root = await world.signedIn('root')
    const form = (from: Page) => ({ 'form-token': field(from, 'form-token'), reason: 'misbehaves' })
    const seen = await hana.get('/console/agents/triage')
    expect((await hana.post('/console/agents/triage/hold', { ...form(seen), for: '1h' })).status).toBe(403)
    const held = await root.post('/console/agents/triage/hold', {
      ...form(await root.get('/console/agents/triage')),
      for: '1h',
    })
    expect(held.text).toMatch(/is held.*by.*root.*misbehaves/s)
    expect((await root.get('/console')).text).toContain('misbehaves')
    expect(await new RedisHoldStore(world.broker.link).list(Date.now())).toMatchObject([
      { agent: 'triage', by: 'root' },
    ])
    await root.post('/console/agents/triage/release', form(held))
    expect(await new RedisHoldStore(world.broker.link).list(Date.now())).toEqual([])
  })
})
