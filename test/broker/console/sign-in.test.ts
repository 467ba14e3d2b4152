import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../../src/approval/verify-answer.ts'
import { type Browser, field } from './browser.ts'
import { ConsoleWorld, ORIGIN, PASSWORD } from './console-world.ts'

let world: ConsoleWorld
beforeAll(async () => {
  world = await ConsoleWorld.start()
})
afterAll(() => world.stop())

const SESSION = '__Host-leasegate-session'
const ATTEMPT = '__Host-leasegate-sign-in'

describe('signing in', () => {
  test('leads through the identity provider to the page that was asked for', async () => {
    const browser = world.browser()
    const wrong = await browser.signIn('hana', 'guess', '/console/policy')
    expect(wrong).toMatchObject({ status: 401, text: expect.stringContaining('not the password') })
    const page = await browser.post(wrong.url, { name: 'hana', password: PASSWORD })
    expect(page).toMatchObject({ status: 200, url: `${ORIGIN}/console/policy` })
    expect(page.text).toContain('hana')
  })

  test('asks with PKCE, state and nonce, and tells the browser nothing of the client’s secret', async () => {
    const sent = await world.browser().once('/console/sign-in')
    const asked = new URL(sent.headers.location ?? '')
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${ORIGIN}/console/signed-in`,
      state: expect.stringMatching(/^[\w-]{32,}$/),
      nonce: expect.stringMatching(/^[\w-]{32,}$/),
    })
    expect(asked.searchParams.has('client_secret')).toBe(false)
  })

  test('leaves cookies that no script, no other host and no plain connection gets', async () => {
    const browser = world.browser()
    const begun = await browser.once('/console/sign-in')
    const form = await browser.get(begun.headers.location ?? '')
    const set: string[] = [...(begun.headers['set-cookie'] ?? [])]
    let page = await browser.once(form.url, { method: 'POST', form: { name: 'hana', password: PASSWORD } })
    while (page.headers.location !== undefined) {
      page = await browser.once(new URL(page.headers.location, page.url).href)
      if (page.url.startsWith(ORIGIN)) set.push(...(page.headers['set-cookie'] ?? []))
    }
    const given = set.filter(line => !/Max-Age=0/.test(line))
    expect(given.map(line => line.split('=')[0])).toEqual([ATTEMPT, SESSION])
    for (const line of given) {
      expect(line).toMatch(/; Path=\/(;|$)/)
      for (const flag of ['HttpOnly', 'Secure', 'SameSite=Lax']) expect(line).toContain(flag)
      expect(line).not.toMatch(/domain=/i)
    }
  })

  test('makes a new session each time, and ends the one before: what somebody planted is never taken over', async () => {
    const browser = await world.signedIn('hana')
    const first = browser.cookies.get(ORIGIN)?.get(SESSION) ?? ''
    await browser.get('/console/sign-in')
    const second = browser.cookies.get(ORIGIN)?.get(SESSION) ?? ''
    expect(second).not.toBe(first)
    const old = world.browser()
    old.cookies.set(ORIGIN, new Map([[SESSION, first]]))
    expect((await old.once('/console')).status).toBe(303)

    const planted = world.browser()
    planted.cookies.set(ORIGIN, new Map([[SESSION, 'A'.repeat(43)]]))
    await planted.signIn('hana', PASSWORD)
    expect(planted.cookies.get(ORIGIN)?.get(SESSION)).not.toBe('A'.repeat(43))
  })

  test('ends only in the browser that began it', async () => {
    const [mine, theirs] = [world.browser(), world.browser()]
    const form = await mine.get('/console')
    let page = await mine.once(form.url, { method: 'POST', form: { name: 'hana', password: PASSWORD } })
    while (page.headers.location !== undefined && !page.headers.location.startsWith(ORIGIN))
      page = await mine.once(new URL(page.headers.location, page.url).href)
    const back = page.headers.location ?? ''
    expect(await theirs.get(back)).toMatchObject({ status: 403, text: expect.stringContaining('sign in again') })
    await theirs.once('/console/sign-in')
    expect((await theirs.get(back)).status).toBe(403)
    expect(theirs.cookies.get(ORIGIN)?.has(SESSION)).toBe(false)
    expect((await mine.get(back)).status).toBe(200)
    expect((await mine.get(back)).status).toBe(403)
  })

  test.each([
    'https://evil.example/',
    '//evil.example/console',
    '/console/../../x',
    '/\\evil.example',
    '/console?next=https://evil.example',
    '/v1/whoami',
    'javascript:alert(1)',
    `/console/${'x'.repeat(400)}`,
  ])('leads nowhere but to a page of the console: %s', async to => {
    const browser = world.browser()
    const form = await browser.get(`/console/sign-in?to=${encodeURIComponent(to)}`)
    const page = await browser.post(form.url, { name: 'hana', password: PASSWORD })
    expect(page.url).toBe(`${ORIGIN}/console`)
  })

  test('is for people of the policy: no stranger, no agent', async () => {
    const stranger = await world.browser().signIn('stranger', PASSWORD)
    expect(stranger).toMatchObject({ status: 403, text: expect.stringContaining('registers no agent or person') })
    const agent = await world.browser().signIn('triage', PASSWORD)
    expect(agent).toMatchObject({ status: 403, text: expect.stringContaining('for people') })
  })

  test('a provider that cannot be asked is no way in', async () => {
    const other = await ConsoleWorld.start()
    await other.stopProvider()
    const page = await other.browser().get('/console')
    expect(page).toMatchObject({ status: 503, text: expect.stringContaining('cannot be asked') })
    await other.broker.stop()
  })
})

describe('a session', () => {
  test('ends when its browser signs out, for whoever copied it as well', async () => {
    const browser = await world.signedIn('hana')
    const copy = world.browser()
    copy.cookies.set(ORIGIN, new Map(browser.cookies.get(ORIGIN)))
    const page = await browser.get('/console')
    const out = await browser.post('/console/sign-out', { 'form-token': field(page, 'form-token') })
    expect(out).toMatchObject({ status: 200, text: expect.stringContaining('Signed out') })
    expect((await copy.once('/console')).status).toBe(303)
  })

  test('ends with its time', async () => {
    const browser = await world.signedIn('hana')
    world.broker.aheadMs = 8 * 3_600_000 + 1000
    expect((await browser.once('/console')).status).toBe(303)
    world.broker.aheadMs = 0
  })

  test('ends when nobody uses it', async () => {
    const idle = await ConsoleWorld.start({ consoleIdle: 50 })
    const browser = await idle.signedIn('hana')
    const keys = () => idle.broker.link.ask('keys', redis => redis.keys('{lg:console}:*'))
    await expect.poll(keys).toEqual([])
    expect((await browser.once('/console')).status).toBe(303)
    await idle.stop()
  })

  test('goes by the policy of the moment: a role that is gone is gone with the next click', async () => {
    const browser = await world.signedIn('hana')
    const id = await world.pending()
    const before = world.broker.policy
    expect((await browser.get(`/console/approvals/${id}`)).text).toContain('Approve exactly this')
    const people = before.people.map(person =>
      person.name === 'hana' ? { ...person, roles: ['admin' as const] } : person,
    )
    world.broker.policy = { ...before, people }
    expect((await browser.get(`/console/approvals/${id}`)).text).toContain('hana is not an approver')
    world.broker.policy = { ...before, people: before.people.filter(({ name }) => name !== 'hana') }
    expect(await browser.once('/console')).toMatchObject({ status: 403, text: expect.not.stringContaining('secrets') })
    world.broker.policy = { ...before, issuers: before.issuers.map(one => ({ ...one, audience: 'another' })) }
    expect((await browser.once('/console')).status).toBe(403)
    world.broker.policy = before
    expect((await browser.once('/console')).status).toBe(200)
  })

  test('is nothing that whoever writes to the store could make: one’s own, another’s, or longer', async () => {
    const hana = await world.signedIn('hana')
    const root = await world.signedIn('root')
    const { link } = world.broker
    const keyOf = (browser: Browser) =>
      `{lg:console}:session:${sha256(browser.cookies.get(ORIGIN)?.get(SESSION) ?? '')}`
    const read = async (browser: Browser) => (await link.ask('get', redis => redis.get(keyOf(browser)))) ?? ''
    const write = (browser: Browser, value: string) => link.ask('set', redis => redis.set(keyOf(browser), value))
    expect((await hana.once('/console')).status).toBe(200)
    const ofRoot = await read(root)
    await write(hana, ofRoot)
    expect((await hana.once('/console')).status).toBe(303)
    const [head, payload = '', signature] = ofRoot.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const longer = Buffer.from(JSON.stringify({ ...claims, endsAt: claims.endsAt + 1e9 })).toString('base64url')
    await write(root, `${head}.${longer}.${signature}`)
    expect((await root.once('/console')).status).toBe(303)
    await write(root, ofRoot)
    expect((await root.once('/console')).status).toBe(200)
  })

  test('opens no API, and a token opens no page', async () => {
    const browser = await world.signedIn('hana')
    expect((await browser.once('/v1/approvals')).status).toBe(401)
    const cookie = browser.cookies.get(ORIGIN)?.get(SESSION) ?? ''
    expect((await browser.once('/v1/approvals', { headers: { authorization: `Bearer ${cookie}` } })).status).toBe(401)
    const token = await world.broker.token('hana')
    const page = await world.browser().once('/console', { headers: { authorization: `Bearer ${token}` } })
    expect(page.status).toBe(303)
  })
})
