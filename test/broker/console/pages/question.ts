import { describe, expect, test } from 'vitest'
import { questionOf } from '../../../approval/asking.ts'
import { read } from '../../../request/a-http-request.ts'
import { field, type Page } from '../browser.ts'
import { ORIGIN } from '../console-world.ts'
import { answering, digest, hana, id, page, stateOf, world } from './the-console.ts'

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

  test('that is longer than it has room for has all of its body, with nothing cut, on a page beside it', async () => {
    const data = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`key-${at}`, `value ${at} \u202e`]))
    const line = 'POST /api/v1/namespaces/shop/configmaps'
    const body = Buffer.from(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app' }, data }))
    const type = 'application/json'
    const long = await world.pending({ ...questionOf(line, { body, type }) })
    const { broker } = world
    const sent = { method: 'POST', target: line.slice(5), headers: [], body }
    const request = read(line, { headers: [['content-type', type]], body })
    broker.readSent = async () => ({ kind: 'read', request, sent, lease: world.lease, granted: '' })
    const shown = await hana.get(`/console/approvals/${long}`)
    expect(shown.text).toContain(`href="/console/approvals/${long}/body"`)
    expect(shown.text).not.toContain('key-399')
    const whole = await hana.get(`/console/approvals/${long}/body`)
    for (const at of [0, 100, 399]) {
      expect(whole.text).toContain(`data.key-${at} = `)
      expect(whole.text).toContain(`&quot;key-${at}&quot;:&quot;value ${at} \\u{202e}&quot;`)
    }
    broker.readSent = async () => ({ kind: 'none', problem: 'what was sent is not kept' })
    expect((await hana.get(`/console/approvals/${long}/body`)).text).toContain('what was sent is not kept')
    broker.readSent = null
    expect(page.text).not.toContain('/body"')
    expect((await world.browser().once(`/console/approvals/${long}/body`)).status).not.toBe(200)
  })

  test('with what may hold a credential has no page that shows it', async () => {
    const line = 'PATCH /api/v1/namespaces/shop/secrets/db'
    const body = Buffer.from('{"stringData":{"password":"hunter2-hunter2"}}')
    const request = read(line, { headers: [['content-type', 'application/merge-patch+json']], body })
    const sent = { method: 'PATCH', target: line.slice(6), headers: [], body }
    world.broker.readSent = async () => ({ kind: 'read', request, sent, lease: world.lease, granted: '' })
    const whole = await hana.get(`/console/approvals/${id}/body`)
    world.broker.readSent = null
    expect(whole.text).toContain('it may hold a credential')
    expect(whole.text).not.toContain('hunter2')
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
