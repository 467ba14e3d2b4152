import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RedisNoticeLedger } from '../../../src/broker/notices/redis-notice-ledger.ts'
import { until } from '../../support/until.ts'
import { Hook } from './hook.ts'
import { TellingWorld } from './telling-world.ts'

let world: TellingWorld
const hooks: Hook[] = []

beforeAll(async () => {
  world = await TellingWorld.start()
})
afterEach(async () => {
  for (const hook of hooks.splice(0)) await hook.stop()
  await world.quiet()
})
afterAll(() => world.stop())

async function aHook(answer?: Hook['answer']): Promise<Hook> {
  const hook = await Hook.start()
  hooks.push(hook)
  if (answer !== undefined) hook.answer = answer
  return hook
}

describe('several receivers', () => {
  test.each<{ readonly name: string; readonly answer: Hook['answer'] }>([
    { name: 'never answers', answer: () => {} },
    { name: 'fails', answer: (_, response) => void response.writeHead(503).end() },
    {
      name: 'answers without an end',
      answer: (_, response) => {
        response.writeHead(200)
        const more = () => void (response.destroyed || response.write('x'.repeat(65_536), more))
        more()
      },
    },
  ])('one that $name holds up no other', async ({ answer }) => {
    const [bad, good] = [await aHook(answer), await aHook()]
    world.tell({ receivers: [world.webhook('bad', bad.url), world.webhook('good', good.url)] })
    // More than are sent to one receiver at once.
    const ids = await Promise.all(Array.from({ length: 12 }, () => world.ask()))
    const asked = Date.now()
    await until('the good one was told', () => ids.every(id => good.types(id).length === 1))
    expect(good.got.every(({ at }) => at - asked < 4000)).toBe(true)
    expect(bad.got.length).toBeGreaterThan(0)
  })

  test('each is told until it took it, and the others not again', async () => {
    let down = true
    const [bad, good] = [await aHook((_, response) => void response.writeHead(down ? 500 : 204).end()), await aHook()]
    world.tell({ receivers: [world.webhook('late', bad.url), world.webhook('prompt', good.url)] })
    const id = await world.ask()
    await until('two tries', () => bad.types(id).length === 2)
    down = false
    await until('the third', () => bad.types(id).length === 3)
    const later = await world.ask()
    await until('another question', () => bad.types(later).length === 1 && good.types(later).length === 1)
    expect([bad.types(id).length, good.types(id).length]).toEqual([3, 1])
  })

  test('a redirect is not followed', async () => {
    const elsewhere = await aHook()
    const moved = await aHook((_, response) => void response.writeHead(307, { location: elsewhere.url }).end())
    world.tell({ receivers: [world.webhook('moved', moved.url)] })
    const id = await world.ask()
    await until('two tries', () => moved.types(id).length === 2)
    expect(elsewhere.got).toEqual([])
  })

  test('whoever says when to come again is not asked before, about anything', async () => {
    const busy = await aHook((_, response) => {
      response.writeHead(busy.got.length === 1 ? 429 : 204, { 'retry-after': '3' }).end()
    })
    world.tell({ receivers: [world.webhook('busy', busy.url)] })
    const id = await world.ask()
    await until('the first try', () => busy.got.length === 1)
    const other = await world.ask()
    await until('both', () => busy.types(id).length === 2 && busy.types(other).length === 1)
    const [first, ...then] = busy.got.map(({ at }) => at)
    expect(Math.min(...then) - (first ?? 0)).toBeGreaterThanOrEqual(2900)
  })

  test('two brokers tell each of them once', async () => {
    const [one, two] = [await aHook(), await aHook()]
    const receivers = [world.webhook('one', one.url), world.webhook('two', two.url)]
    world.tell({ receivers })
    world.tell({ receivers })
    const ids = await Promise.all([world.ask(), world.ask(), world.ask()])
    await until('all', () => ids.every(id => one.types(id).length > 0 && two.types(id).length > 0))
    // Answers go the same way, after whatever either of them may still have had to say.
    await Promise.all(ids.map(id => world.answer('hana', id)))
    await until('the answers', () => ids.every(id => one.types(id).at(-1) === 'approval.answered'))
    await until('the others', () => ids.every(id => two.types(id).at(-1) === 'approval.answered'))
    for (const id of ids) {
      expect([one.types(id), two.types(id)]).toEqual([
        ['approval.asked', 'approval.answered'],
        ['approval.asked', 'approval.answered'],
      ])
    }
  })

  test('what a broker was killed over is told by another, under the same id', async () => {
    const hook = await aHook()
    const receiver = world.webhook('room', hook.url)
    const program = fileURLToPath(new URL('a-teller.ts', import.meta.url))
    const child = spawn(process.execPath, [program, world.broker.valkey.url, JSON.stringify(receiver)])
    // Its message came, and nobody took note of that.
    hook.answer = () => void child.kill('SIGKILL')
    const id = await world.ask()
    await until('its end', () => child.signalCode === 'SIGKILL')
    hook.answer = (_, response) => void response.end()
    world.tell({ receivers: [receiver] })
    await until('the message again', () => hook.events(id).length === 2)
    const later = await world.ask()
    await until('another', () => hook.events(later).length === 1)
    expect(hook.events(id)).toMatchObject([{ id }, { id }])
  })

  test('what a broker only claimed is told by another, and not before that one can be taken for dead', async () => {
    const hook = await aHook()
    const id = await world.ask()
    const dead = { receiver: 'pager', approval: id, message: '' }
    expect(await new RedisNoticeLedger(world.broker.link).claim(dead, 3000)).toBe('mine')
    const claimed = Date.now()
    world.tell({ receivers: [world.webhook('pager', hook.url)] })
    await until('the message', () => hook.events(id).length > 0)
    expect(hook.got[0]?.at ?? 0).toBeGreaterThanOrEqual(claimed + 2900)
    expect(hook.events(id)).toMatchObject([{ id, type: 'approval.asked' }])
  })

  test('nobody is told who was taken out of the policy', async () => {
    const [kept, gone] = [await aHook(), await aHook()]
    world.tell({ receivers: [world.webhook('kept', kept.url), world.webhook('gone', gone.url)] })
    const { notify } = world.broker.policy
    if (notify === undefined) throw new Error('nobody')
    const receivers = notify.receivers.filter(({ name }) => name === 'kept')
    world.broker.policy = { ...world.broker.policy, notify: { ...notify, receivers, tell: ['kept'] } }
    const id = await world.ask()
    await until('one of them', () => kept.types(id).length === 1)
    expect(gone.types(id)).toEqual([])
  })
})
