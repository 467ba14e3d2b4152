import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { RedisNoticeLedger } from '../../../src/broker/notices/redis-notice-ledger.ts'
import { startTelling } from '../../../src/broker/notices/tell.ts'
import { webhookNotifier } from '../../../src/broker/notices/ways/webhook.ts'
import { until } from '../../support/until.ts'
import { field } from '../console/browser.ts'
import { ConsoleWorld, ORIGIN } from '../console/console-world.ts'

interface Received {
  readonly at: number
  readonly headers: Record<string, string>
  readonly body: string
}

const SECRET = `whsec_${randomBytes(32).toString('base64')}`
const got: Received[] = []
/** What the receiver answers, in order; then 204. */
let answers: number[] = []
/** Approvals of which it takes nothing. */
const refused = new Set<string>()
let world: ConsoleWorld
let receiver: http.Server
let secretFile: string
let url: string
const running: { stop(): Promise<void> }[] = []

beforeAll(async () => {
  world = await ConsoleWorld.start()
  secretFile = join(await mkdtemp(join(tmpdir(), 'leasegate-webhook-')), 'secret')
  receiver = http.createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    got.push({ at: Date.now(), headers: request.headers as Record<string, string>, body })
    const status = refused.has(String(request.headers['webhook-id'])) ? 500 : (answers.shift() ?? 204)
    response.writeHead(status, { location: '/elsewhere' }).end()
  })
  await new Promise<void>(resolve => void receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
})
beforeEach(async () => {
  got.length = 0
  answers = []
  await writeFile(secretFile, `${SECRET}\n`)
})
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
})
afterAll(async () => {
  receiver.close()
  await world.stop()
})

/** As one broker does; what is open already is answered first, so that it tells of what comes. */
async function aTeller(): Promise<void> {
  const { link, log } = world.broker
  const clock = () => Date.now()
  running.push(
    startTelling({
      approvals: new RedisApprovalStore(link),
      ledger: new RedisNoticeLedger(link),
      notify: () => ({ receivers: [webhook()], tell: ['webhook'], escalate: [], quietHours: null, onCall: null }),
      notifierOf: () => webhookNotifier({ url, caFile: null, secretFile }, clock),
      yesesTo: async () => [],
      planOf: async () => null,
      policy: () => world.broker.policy,
      clock,
      log,
      origin: ORIGIN,
      everyMs: 50,
    }),
  )
}

function webhook() {
  return { name: 'webhook', people: [], way: { kind: 'webhook', url, secretFile, caFile: null } } as const
}

const of = (id: string) => got.filter(({ headers }) => headers['webhook-id'] === id)

describe('startTelling', () => {
  test('posts a new question, signed as the standard’s own library verifies it', async () => {
    await aTeller()
    const id = await world.pending({ summary: 'create pods/exec "web-0": psql --password=hunter2xyz' })
    await until('the webhook', () => of(id).length > 0)
    const [{ headers, body } = { headers: {}, body: '' }] = of(id)
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
      type: 'approval.asked',
      data: { approval: id, agent: 'web-operator', sponsor: 'ada', url: `${ORIGIN}/console/approvals/${id}` },
    })
    expect(() => new Webhook(SECRET).verify(body.replace('ada', 'eve'), headers)).toThrow()
    expect(body).not.toContain('hunter2xyz')
  })

  test('says how much is at stake as the question does, whatever is usual', async () => {
    await aTeller()
    const id = await world.pending({ risk: 'pods-log', tier: 'critical', why: 'reads what programs wrote' })
    await until('the webhook', () => of(id).length > 0)
    expect(JSON.parse(of(id)[0]?.body ?? '')).toMatchObject({
      data: { risk: 'pods-log', tier: 'critical', why: 'reads what programs wrote' },
    })
  })

  test('tries again until the receiver took it, with the same id', async () => {
    answers = [500, 302]
    await aTeller()
    const id = await world.pending()
    await until('the third try', () => of(id).length === 3)
    expect(got.every(({ headers }) => headers['webhook-id'] === id)).toBe(true)
  })

  test('of several brokers one tells; a new one tells nothing twice', async () => {
    await Promise.all([aTeller(), aTeller(), aTeller()])
    const ids = await Promise.all([world.pending(), world.pending(), world.pending()])
    await until('all of them', () => ids.every(id => of(id).length > 0))
    await aTeller()
    const last = await world.pending()
    await until('the last', () => of(last).length > 0)
    expect(ids.map(id => of(id).length)).toEqual([1, 1, 1])
  })

  test('tells of what was asked while no broker ran', async () => {
    const id = await world.pending()
    await aTeller()
    await until('the webhook', () => of(id).length > 0)
  })

  test('sends nothing unsigned', async () => {
    await writeFile(secretFile, 'whsec_c2hvcnQ=')
    await aTeller()
    const id = await world.pending()
    await until('the log', () =>
      world.broker.logged.some(line => line.includes(id) && line.includes('nobody was told')),
    )
    expect(of(id)).toEqual([])
    expect(world.broker.logged.join('')).not.toContain('c2hvcnQ')
  })

  test('stops trying once somebody answered', async () => {
    const id = await world.pending()
    refused.add(id)
    await aTeller()
    await until('the first try', () => of(id).length > 0)
    const grace = await world.signedIn('grace')
    const page = await grace.get(`/console/approvals/${id}`)
    const fields = { 'form-token': field(page, 'form-token'), digest: field(page, 'digest'), verdict: 'rejected' }
    expect((await grace.post(`/console/approvals/${id}`, fields)).text).toContain('Rejected by')
    // One may be on its way. Then whoever tells knows that it is over, and that nobody has to be told so.
    const key = `{lg:console}:notice:webhook:${id}:over`
    const { link } = world.broker
    await until('a look that sends nothing', async () => (await link.ask('get', redis => redis.get(key))) === 'trying')
    const tries = of(id).length
    const next = await world.pending()
    await until('the next question', () => of(next).length > 0)
    expect(of(id)).toHaveLength(tries)
  })
})
