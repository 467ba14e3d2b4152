import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { Hook } from '../notices/hook.ts'
import { SECRET } from '../notices/telling-world.ts'
import { TestBroker } from '../test-broker.ts'

let broker: TestBroker
let hook: Hook
let directory: string
beforeAll(async () => {
  broker = await TestBroker.start()
  hook = await Hook.start()
  directory = await mkdtemp(join(tmpdir(), 'lg-tickets-'))
  await writeFile(join(directory, 'secret'), SECRET)
  under({ ticket: 'OPS-[0-9]+', ticketOpen: true })
})
afterAll(async () => {
  await broker.stop()
  await hook.stop()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => void hook.got.splice(0))

function under(given: Partial<TaskTemplate>): void {
  const templates = broker.policy.templates.map(template => ({ ...template, maxLeases: 50, ...given }))
  const tickets = { url: hook.url, secretFile: join(directory, 'secret'), caFile: null }
  broker.policy = { ...broker.policy, templates, tickets }
}

function answers(status: number, text: string): void {
  hook.answer = (_, response) => void response.writeHead(status).end(text)
}

const ask = (ticket = 'OPS-7') =>
  broker.as('web-operator', 'POST', '/v1/leases', {
    ...{ template: 'restart-web', reason: 'slow', ttl: '10m', namespaces: ['shop'] },
    ticket,
  })

describe('a lease of which the ticket has to be open', () => {
  test('is given once whoever knows says so, asked by a signed webhook', async () => {
    answers(200, '{"open":true,"more":"than is wanted"}')
    expect((await ask()).status).toBe(201)
    const [{ body, headers } = { body: '', headers: {} }] = hook.got
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'ticket.asked',
      data: { ticket: 'OPS-7', agent: 'web-operator', sponsor: 'ada', template: 'restart-web', namespaces: ['shop'] },
    })
  })

  test('is refused where it is not, with what was said of it and nothing that a terminal obeys', async () => {
    answers(200, '{"open":false,"reason":"closed\\u001b[2J on Friday"}')
    const { status, body } = await ask()
    expect([status, body.message]).toEqual([403, 'ticket OPS-7 is not open: closed\\u{1b}[2J on Friday'])
  })

  test.each([
    { name: 'says something else', status: 200, text: '{"open":"yes"}' },
    { name: 'says nothing', status: 200, text: '' },
    { name: 'fails', status: 500, text: '{"open":true}' },
    { name: 'sends elsewhere', status: 302, text: '{"open":true}' },
    { name: 'says more than is read', status: 200, text: `{"open":true,"more":"${'x'.repeat(17_000)}"}` },
  ])('is not given where whoever knows $name', async ({ status, text }) => {
    answers(status, text)
    const refused = await ask()
    expect([refused.status, refused.body.message]).toEqual([503, expect.stringContaining('nobody says whether')])
  })

  test('is not given where nobody answers in time, and meanwhile another one of its agent is told to wait', async () => {
    hook.answer = () => undefined
    const slow = ask()
    await expect.poll(() => hook.got.length, { timeout: 30_000 }).toBe(1)
    expect((await ask()).status).toBe(429)
    expect((await slow).status).toBe(503)
  })

  test('asks nobody about a ticket that is not like the pattern, or where the template says nothing of it', async () => {
    answers(200, '{"open":true}')
    expect((await ask('OPS-x')).status).toBe(403)
    under({ ticket: 'OPS-[0-9]+' })
    broker.policy = { ...broker.policy, templates: broker.policy.templates.map(({ ticketOpen: _, ...rest }) => rest) }
    expect((await ask()).status).toBe(201)
    expect(hook.got).toEqual([])
    under({ ticketOpen: true })
  })
})
