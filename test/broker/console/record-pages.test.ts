import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sessionsPage } from '../../../src/broker/console/pages/record/sessions.ts'
import { RedisHoldStore } from '../../../src/lease/hold/redis-hold-store.ts'
import { APPROVAL, aRecord, recordOf, writeStory } from './a-record.ts'
import { type Browser, field } from './browser.ts'
import { ConsoleWorld } from './console-world.ts'

const { database, record } = await aRecord()
let world: ConsoleWorld
let hana: Browser
beforeAll(async () => {
  world = await ConsoleWorld.start({}, record)
  await writeStory(database, world.lease)
  hana = await world.signedIn('hana')
})
afterAll(async () => {
  await world.stop()
  await database[Symbol.asyncDispose]()
})

const timelineOf = (text: string) =>
  [...text.matchAll(/<span class="what-was"><code><bdi>(.*?)<\/bdi>/g)].map(([, what]) => what)
/** The engine may take its time on a machine that does other work; the page has it when it asks again. */
const pageWith = async (path: string, wanted: string) => {
  await expect.poll(async () => (await hana.get(path)).text).toContain(wanted)
  return (await hana.get(path)).text
}

describe('a lease', () => {
  test('tells what was done under it, in order, with what came of each', async () => {
    const text = await pageWith(`/console/leases/${world.lease.id}`, 'class="timeline"')
    expect(timelineOf(text)).toEqual([
      'lease issued by web-operator',
      'list pods in shop',
      'delete deployments.apps &lt;b&gt;web&lt;/b&gt; in prod',
      'get secrets db in shop',
      'approved by hana: get secrets/db in shop',
      'get secrets db in shop',
      'create pods/exec web-1 in shop',
      'create pods/exec web-1 in shop',
      'create pods/portforward web-1 in shop',
    ])
    for (const shown of ['out-of-scope: delete on deployments.apps in prod', 'lease cut', '>open<', 'HTTP 200'])
      expect(text).toContain(shown)
    expect(text).not.toContain('\u202e')
    expect(text).not.toContain('<b>web')
  })

  test('shows what a human was asked: by whom it was answered, and that it was used', async () => {
    const text = await pageWith(`/console/leases/${world.lease.id}`, `/console/approvals/${APPROVAL}`)
    expect(text).toMatch(/Approved<\/span> by <bdi>hana<\/bdi>, used/)
  })

  test('names those that were narrowed from it', async () => {
    const wish = { template: 'restart-web', reason: 'less', namespaces: ['shop'], ttl: '5m', parent: world.lease.id }
    const child = await world.broker.as('web-operator', 'POST', '/v1/leases', wish)
    const text = (await hana.get(`/console/leases/${world.lease.id}`)).text
    expect(text).toMatch(new RegExp(`Narrowed to</dt><dd><span class="one"><a href="/console/leases/${child.body.id}"`))
    await world.broker.as('web-operator', 'DELETE', `/v1/leases/${child.body.id}`)
  })

  test('is ended with its agent held, by an admin and nobody else', async () => {
    const wish = { template: 'restart-web', reason: 'odd', namespaces: ['shop'], ttl: '5m' }
    const made = await world.broker.as('web-operator', 'POST', '/v1/leases', wish)
    const path = `/console/leases/${made.body.id}`
    const root = await world.signedIn('root')
    const page = await root.get(path)
    const form = { 'form-token': field(page, 'form-token'), reason: 'wrong cluster', hold: '1h' }
    expect(
      (await hana.post(`${path}/revoke`, { ...form, 'form-token': field(await hana.get(path), 'form-token') })).status,
    ).toBe(403)
    const { reason: _, ...unsaid } = form
    expect((await root.post(`${path}/revoke`, unsaid)).status).toBe(400)
    expect((await root.post(`${path}/revoke`, form)).text).toContain('Ended by')
    const holds = new RedisHoldStore(world.broker.link)
    expect(await holds.list(Date.now())).toMatchObject([{ agent: 'web-operator', reason: 'wrong cluster' }])
    const agent = await root.get('/console/agents/web-operator')
    await root.post('/console/agents/web-operator/release', { 'form-token': field(agent, 'form-token') })
  })
})

describe('an agent’s day', () => {
  test('shows each hour, and then one thing after the other, page by page, none twice', async () => {
    const path = '/console/agents/triage/day'
    const first = await pageWith(path, 'class="timeline"')
    expect(first).toMatch(
      /<svg [^>]*role="img" aria-label="Requests of triage by hour: \d+ allowed, 0 asked, \d+ denied"/,
    )
    const second = await pageWith(`${path}?skip=100`, 'class="timeline"')
    const seen = [...timelineOf(first), ...timelineOf(second)]
    expect(timelineOf(first).length).toBe(100)
    expect(new Set(seen).size).toBe(seen.length)
    const numbers = seen.map(what => Number(/web-(\d+)/.exec(what ?? '')?.[1]))
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a))
    expect(Math.min(...numbers)).toBe(0)
  })

  test('leads to the day before, and none to tomorrow', async () => {
    const text = await pageWith('/console/agents/triage/day', 'The day before')
    expect(text).not.toContain('The day after')
    const before = /href="(\/console\/agents\/triage\/day\?until=[\dT-]+)"/.exec(text)?.[1] ?? ''
    expect(await pageWith(before, 'The day after')).toContain('A day of')
    expect((await hana.get('/console/agents/nobody/day')).status).toBe(404)
  })

  test.each(['skip=-1', 'skip=100000', 'skip=1e3', 'until=tomorrow', 'until=2026-13-40T99'])(
    '%s is no place',
    async query => {
      expect((await hana.get(`/console/agents/triage/day?${query}`)).status).toBe(400)
    },
  )
})

describe('sessions', () => {
  test.each([
    { given: { auditId: '0195f0a2-7c1b', kind: 'exec', decision: 'allow' }, offered: true },
    { given: { auditId: '0195f0a2-7c1b', kind: 'exec', decision: 'deny' }, offered: false },
    { given: { auditId: 'x; rm -rf ~', kind: 'exec', decision: 'allow' }, offered: false },
    { given: { auditId: '--raw', kind: 'attach', decision: 'allow' }, offered: false },
    { given: { auditId: '$(id)', kind: 'attach', decision: 'allow' }, offered: false },
  ])(
    'offers the command to replay one, if nothing else could come of pasting it: $given.auditId',
    ({ given, offered }) => {
      const plain = {
        agent: 'a',
        sponsor: '',
        lease: '',
        namespace: 'shop',
        pod: 'web',
        container: '',
        command: '',
        ports: '',
      }
      const ended = { reason: '', state: 'done', endedAt: null, durationMs: null, endReason: '', exitCode: null }
      const session = { at: 0, stdin: true, tty: true, ...plain, ...ended, ...given }
      const shown = String(
        sessionsPage({ listed: { kind: 'rows', items: [session], more: false }, agent: '', skip: 0 }),
      )
      expect(shown.includes('leasegate sessions replay')).toBe(offered)
    },
  )

  test('say who was where, what ran, and how it ended', async () => {
    const text = await pageWith('/console/sessions', 'class="sessions"')
    const [forward = '', shell = '', failed = ''] = text
      .split('<li class="card session">')
      .filter(part => part.includes('what-was'))
    expect(forward).toMatch(/port-forward<\/strong>[\s\S]*Ports <code><bdi>8080[\s\S]*runs now/)
    expect(shell).toMatch(
      /shop\/web-1[\s\S]*container <code><bdi>web[\s\S]*sh -c \ufffdharmless[\s\S]*lease cut<\/bdi> after 20.0 s[\s\S]*terminal/,
    )
    expect(failed).toMatch(/completed<\/bdi> after 1.2 s, exit code 3/)
    for (const recorded of [shell, failed]) expect(recorded).toMatch(/leasegate sessions replay [A-Za-z0-9-]+</)
    expect(forward).not.toContain('leasegate sessions replay')
  })

  test('of one agent are its alone', async () => {
    expect(await pageWith('/console/sessions?agent=triage', 'Nobody was in a pod')).not.toContain('web-1')
  })
})

describe('activity', () => {
  test('draws each agent’s hours and how long questions waited, with the numbers beside it', async () => {
    const text = await pageWith('/console/activity', 'Questions by the time')
    expect(text).toContain('Requests of web-operator by hour: 5 allowed, 1 asked, 1 denied')
    expect(text.match(/<svg /g)?.length).toBe(3)
    expect(text).toMatch(/<th scope="row">1 min<\/th><td>1<\/td><td>0<\/td><td>0<\/td>/)
  })
})

describe('without the record', () => {
  const paths = (lease: string) => [
    `/console/leases/${lease}`,
    '/console/agents/triage/day',
    '/console/sessions',
    '/console/activity',
  ]

  test('pages say in one sentence that there is no way to it, and what asks it', async () => {
    const other = await ConsoleWorld.start()
    const browser = await other.signedIn('hana')
    for (const path of paths(other.lease.id)) {
      const { status, text } = await browser.get(path)
      expect({ path, status }).toEqual({ path, status: 200 })
      expect(text).toMatch(/The broker was given no way to the record\. <code>leasegate query [a-z-]+/)
    }
    await other.stop()
  })

  test('that never answers, pages are there all the same, and a lease is revoked', async () => {
    const other = await ConsoleWorld.start(
      {},
      recordOf(() => new Promise(() => {})),
    )
    const root = await other.signedIn('root')
    for (const path of paths(other.lease.id))
      expect((await root.get(path)).text).toMatch(/has not answered yet|is busy/)
    const page = await root.get(`/console/leases/${other.lease.id}`)
    expect(page.text).toContain('What it grants')
    const form = { 'form-token': field(page, 'form-token'), reason: 'odd' }
    expect((await root.post(`/console/leases/${other.lease.id}/revoke`, form)).text).toContain('Ended by')
    expect((await other.broker.call('GET', '/readyz')).status).toBe(200)
    await other.stop()
  })
})
