import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { QuietHours } from '../../../src/policy/notify.ts'
import { until } from '../../support/until.ts'
import { Hook } from './hook.ts'
import { TellingWorld, TWO } from './telling-world.ts'

const MINUTE = 60_000
let world: TellingWorld
let room: Hook
let pager: Hook
let onCall: Hook

beforeAll(async () => {
  world = await TellingWorld.start()
})
afterAll(() => world.stop())
afterEach(async () => {
  await world.quiet()
  for (const hook of [room, pager, onCall]) await hook?.stop()
})

async function receivers() {
  ;[room, pager, onCall] = [await Hook.start(), await Hook.start(), await Hook.start()]
  onCall.answer = (_, response) => void response.end(JSON.stringify({ tell: ['hana'] }))
  return [world.webhook('room', room.url), world.webhook('hanas-pager', pager.url, ['hana'])]
}

const source = () => ({ url: onCall.url, secretFile: world.secretFile, caFile: null })

/** Now, and for two minutes at most. */
function quietNow(tell: QuietHours['tell']): QuietHours {
  const minute = Math.floor(Date.now() / MINUTE) % 1440
  return { from: (minute + 1439) % 1440, to: (minute + 2) % 1440, timeZone: 'UTC', tell }
}

describe('a question that several people must answer', () => {
  test('tells the rest after the first yes that one more is wanted, and everybody at the end', async () => {
    world.tell({ receivers: await receivers() })
    const id = await world.ask({ quorum: TWO })
    await until('both are asked', () => room.types(id).length === 1 && pager.types(id).length === 1)
    expect(room.events(id)[0]?.data).toMatchObject({ wanted: 2, yeses: [] })

    expect((await world.answer('hana', id)).status).toBe(200)
    await until('the others know', () => room.types(id).length === 2)
    expect(room.events(id)[1]).toMatchObject({ id: `${id}:yes-1`, type: 'approval.yes', data: { yeses: ['hana'] } })

    expect((await world.answer('grace', id)).status).toBe(200)
    await until('all know', () => room.types(id).length === 3 && pager.types(id).length === 2)
    expect(room.events(id)[2]).toMatchObject({
      type: 'approval.answered',
      data: { verdict: 'approved', by: 'hana, grace' },
    })
    // Hers alone: she need not hear that one more is wanted.
    expect(pager.types(id)).toEqual(['approval.asked', 'approval.answered'])
  })

  test('whoever hears of it late hears it once, with the yes that was said', async () => {
    const all = await receivers()
    const id = await world.ask({ quorum: TWO })
    expect((await world.answer('hana', id)).status).toBe(200)
    world.tell({ receivers: all })
    await until('it is told', () => room.types(id).length === 1)
    const other = await world.ask({ quorum: TWO })
    await until('another is told, and then a yes to it', () => room.types(other).length === 1)
    expect((await world.answer('ivy', other)).status).toBe(200)
    await until('the yes', () => room.types(other).length === 2)
    expect(room.events(id)).toMatchObject([{ type: 'approval.asked', data: { yeses: ['hana'] } }])
  })
})

describe('the end of a question', () => {
  test('a no is told with who said it, to those who were asked', async () => {
    const telling = world.tell({ receivers: await receivers(), tell: ['room'] })
    const id = await world.ask()
    await until('it is told', () => room.types(id).length === 1)
    expect((await world.answer('grace', id, 'reject')).status).toBe(200)
    await until('the end', () => room.types(id).length === 2)
    await world.heard(telling)
    expect(room.events(id)[1]).toMatchObject({ type: 'approval.answered', data: { verdict: 'rejected', by: 'grace' } })
    expect(pager.types(id)).toEqual([])
  })

  test('that nobody answered is told too', async () => {
    world.tell({ receivers: await receivers() })
    const id = await world.ask({ askMs: 2000 })
    await until('both', () => room.types(id).length === 2 && pager.types(id).length === 2)
    expect(room.types(id)).toEqual(['approval.asked', 'approval.expired'])
  })
})

describe('escalation', () => {
  test('tells the next when nobody answered in time, and not before', async () => {
    const notify = { receivers: await receivers(), tell: ['room'], escalate: [{ afterMs: 3 * MINUTE, tell: ['hana'] }] }
    const early = world.tell(notify)
    const id = await world.ask()
    const answered = await world.ask()
    await until('the first', () => room.types(id).length === 1 && room.types(answered).length === 1)
    expect((await world.answer('grace', answered)).status).toBe(200)
    await until('the answer', () => room.types(answered).length === 2)
    await world.heard(early)
    expect(pager.got).toEqual([])
    world.tell(notify)
    world.broker.aheadMs = 3 * MINUTE
    await until('the next', () => pager.types(id).length === 1)
    expect(pager.events(id)).toMatchObject([{ id: `${id}:escalated-1`, type: 'approval.escalated' }])
    expect(pager.types(answered)).toEqual([])
  })
})

describe('quiet hours', () => {
  test('hold what is asked in them until they end', async () => {
    const notify = { receivers: await receivers(), quietHours: quietNow('nobody') }
    const [open, answered] = [await world.ask(), await world.ask()]
    await world.heard(world.tell(notify))
    expect([room.got, pager.got]).toEqual([[], []])
    expect((await world.answer('grace', answered)).status).toBe(200)
    world.tell(notify)
    world.broker.aheadMs = 2 * MINUTE
    await until('the morning', () => room.types(open).length === 1 && pager.types(open).length === 1)
    expect(room.types(answered)).toEqual([])
  })

  test('let whoever is on call know alone, and the others in the morning', async () => {
    const notify = { receivers: await receivers(), quietHours: quietNow('on-call'), onCall: source() }
    const id = await world.ask()
    const night = world.tell(notify)
    await until('hana', () => pager.types(id).length === 1)
    await world.heard(night)
    expect(room.got).toEqual([])
    world.tell(notify)
    world.broker.aheadMs = 2 * MINUTE
    await until('the others', () => room.types(id).length === 1)
    expect(pager.types(id)).toEqual(['approval.asked'])
  })

  test('escalation counts from their end', async () => {
    const notify = {
      receivers: await receivers(),
      tell: ['room'],
      escalate: [{ afterMs: 2 * MINUTE, tell: ['hanas-pager'] }],
      quietHours: quietNow('nobody'),
    }
    const id = await world.ask()
    world.broker.aheadMs = 2 * MINUTE
    const morning = world.tell(notify)
    await until('the morning', () => room.types(id).length === 1)
    await world.heard(morning)
    expect(pager.got).toEqual([])
    world.tell(notify)
    world.broker.aheadMs = 4.5 * MINUTE
    await until('the next', () => pager.types(id).length === 1)
  })
})

describe('who is on call', () => {
  const saying = (answer: Hook['answer']) => {
    onCall.answer = answer
  }

  test('is asked by a signed webhook that tells nothing of any question', async () => {
    const telling = world.tell({ receivers: await receivers(), tell: ['on-call'], onCall: source() })
    const id = await world.ask()
    await until('hana', () => pager.types(id).length === 1)
    await world.heard(telling)
    expect(room.got).toEqual([])
    const [asked] = onCall.got
    const approval = String(asked?.headers['webhook-id'])
    expect(onCall.events(approval.split(':')[0] ?? '')).toMatchObject([{ type: 'on-call.asked', data: {} }])
    expect(asked?.body).not.toContain(id)
  })

  test.each<{ readonly name: string; readonly answer: Hook['answer'] }>([
    { name: 'does not answer', answer: () => {} },
    { name: 'fails', answer: (_, response) => void response.writeHead(500).end('{"tell": ["hana"]}') },
    { name: 'answers no names', answer: (_, response) => void response.end('<html>hana</html>') },
    { name: 'names nobody', answer: (_, response) => void response.end('{"tell": []}') },
    { name: 'names strangers', answer: (_, response) => void response.end('{"tell": ["mallory@example.com"]}') },
    {
      name: 'answers too much',
      answer: (_, response) => void response.end(`{"tell": ["hana"], "more": "${'x'.repeat(100_000)}"}`),
    },
    {
      name: 'sends us elsewhere',
      answer: (_, response) => void response.writeHead(302, { location: room.url }).end('{"tell": ["hana"]}'),
    },
  ])('where it $name everybody is told', async ({ answer }) => {
    const all = await receivers()
    saying(answer)
    world.tell({ receivers: all, tell: ['on-call'], onCall: source() })
    const id = await world.ask()
    await until('everybody', () => room.types(id).length === 1 && pager.types(id).length === 1)
  })

  test('becomes nobody who may answer by being named', async () => {
    const all = await receivers()
    saying(
      (_, response) =>
        void response.end(
          '{"tell": ["root", "web-operator", "hanas-pager"], "people": ["root"], "roles": ["approver"]}',
        ),
    )
    world.tell({ receivers: all, tell: ['on-call'], onCall: source() })
    const id = await world.ask()
    await until('it is told', () => pager.types(id).length === 1)
    for (const sub of ['root', 'web-operator']) expect((await world.answer(sub, id)).status).toBe(403)
    expect((await world.answer('grace', id)).status).toBe(200)
  })
})
