import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { startRunning } from '../../../local/story/running.ts'
import type { Quorum } from '../../../src/lease/questions/quorum.ts'
import { CliWorld } from '../cli-world.ts'
import { asker, user } from './asker.ts'
import { atATerminal, END_OF_INPUT } from './at-a-terminal.ts'

let world: CliWorld
let ids: readonly string[]
let askAnother: (digest: string, quorum?: Quorum) => Promise<string>
let use: (digest: string) => Promise<void>
beforeAll(async () => {
  world = await CliWorld.start()
  const wish = ['lease', 'request', '--template', 'restart-web', '--reason', 'it hangs', '-o', 'json']
  const { stdout } = await world.as('web-operator', ...wish)
  const ask = await asker(world, JSON.parse(stdout))
  use = await user(world, JSON.parse(stdout))
  ids = [await ask('a'), await ask('b')]
  askAnother = ask
})
afterAll(() => world.stop())

describe('leasegate approvals, approve and reject', () => {
  test('show what waits, take an answer from an approver, and let it be final', async () => {
    const [yes = '', no = ''] = ids
    const seen = ['--digest', 'a'.repeat(64)]
    const listed = JSON.parse((await world.as('hana', 'approvals', '-o', 'json')).stdout)
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(ids)
    const shown = await world.as('hana', 'approvals', yes)
    expect(shown.stdout).toContain('exactly  GET /api/v1/namespaces/shop/secrets/db')
    expect(shown.stdout).not.toContain('\u001b')

    const unseen = await world.as('hana', 'approve', yes)
    expect(unseen).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('say which request you looked at'),
    })
    const other = await world.as('hana', 'approve', yes, '--digest', 'b'.repeat(64))
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('not about the request of this digest') })
    expect((await world.as('hana', 'approve', yes, '--digest', 'aaaa')).code).toBe(1)

    const own = await world.as('web-operator', 'approve', yes, ...seen)
    expect(own).toMatchObject({ code: 1, stdout: '', stderr: 'leasegate: agents do not answer approvals\n' })
    expect((await world.as('root', 'approve', yes, ...seen)).code).toBe(1)
    const said = await world.as('hana', 'approve', yes, ...seen)
    expect(said, said.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('approved by hana'),
    })
    expect(await world.as('hana', 'reject', no)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('rejected by hana'),
    })
    const late = await world.as('hana', 'approve', no, '--digest', 'b'.repeat(12))
    expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('closed already: rejected') })
    expect((await world.as('hana', 'approvals')).stdout).toBe('nothing waits for approval\n')
  })

  test('show how many said yes where one is not enough, and who', async () => {
    const id = await askAnother('d', { people: 2, groups: [] })
    const seen = ['--digest', 'd'.repeat(64)]
    expect((await world.as('hana', 'approvals')).stdout).toContain('0 of 2 people said yes')
    const first = await world.as('hana', 'approve', id, ...seen, '--reason', 'looks right')
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/pending\n.*1 of 2 people said yes\n.*yes by hana at .*: looks right/),
    })
    expect(await world.as('hana', 'approve', id, ...seen)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('you said yes to this already'),
    })
    expect((await world.as('grace', 'approvals')).stdout).toContain('1 of 2 people said yes')
    expect(await world.as('grace', 'approve', id, ...seen)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('approved by hana, grace'),
    })
  })

  test('wait says by its exit code what was answered: nothing in time, and then a no with its reason', async () => {
    const id = await askAnother('c')
    const wait = (timeout: string) => world.as('web-operator', 'approvals', 'wait', id, '--timeout', timeout)
    expect(await wait('1s')).toMatchObject({ code: 2, stderr: expect.stringContaining('nobody has answered') })
    const waiting = wait('10m')
    expect((await world.as('hana', 'reject', id, '--reason', 'not today')).code).toBe(0)
    expect(await waiting).toMatchObject({ code: 1, stderr: expect.stringContaining('rejected by hana: not today') })
    const any = await world.as('web-operator', 'approvals', 'wait', id, '--for=answered')
    expect(any).toMatchObject({ code: 0, stdout: expect.stringContaining('rejected by hana: not today') })
    expect((await world.as('web-operator', 'approvals', 'wait', id, '--for=tea')).code).toBe(2)
  })

  test.each([
    { name: 'a yes', digest: '1', isUsed: false, says: 'approved by hana; send the same request again' },
    {
      name: 'a yes that a client used by itself meanwhile',
      digest: '2',
      isUsed: true,
      says: 'used by hana; a request has used it',
    },
  ])('wait takes $name for a yes', async ({ digest, isUsed, says }) => {
    const id = await askAnother(digest)
    const waiting = world.as('web-operator', 'approvals', 'wait', id, '--timeout', '10m')
    expect((await world.as('hana', 'approve', id, '--yes', digest.repeat(12))).code).toBe(0)
    if (isUsed) await use(digest)
    // It may have looked before the use: what it says after it is what counts.
    const waited = isUsed ? await world.as('web-operator', 'approvals', 'wait', id) : await waiting
    expect(waited).toMatchObject({ code: 0, stdout: expect.stringContaining(says) })
    expect((await waiting).code).toBe(0)
  })

  test('withdraw takes back what the agent asked, and nobody else can', async () => {
    const id = await askAnother('9')
    expect((await world.as('hana', 'approvals', 'withdraw', id)).code).toBe(1)
    const back = await world.as('web-operator', 'approvals', 'withdraw', id, '--reason', 'found another way')
    expect(back).toMatchObject({ code: 0, stdout: `${id}  withdrawn\n` })
    const late = await world.as('hana', 'approve', id, '--yes', '9'.repeat(12))
    expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('closed already: withdrawn') })
    const shown = await world.as('hana', 'approvals', id)
    expect(shown.stdout).toContain(`${id}  withdrawn by web-operator: found another way`)
    expect((await world.as('web-operator', 'approvals', 'wait', id)).code).toBe(1)
  })

  const PROMPT = 'Approve exactly this? [y/N] '
  test.each([
    { name: 'y', digest: '3', keys: 'y\n', code: 0, state: 'approved' },
    { name: 'YES, with blanks about it', digest: '4', keys: ' YES \n', code: 0, state: 'approved' },
    { name: 'n', digest: '5', keys: 'n\n', code: 1, state: 'pending' },
    { name: 'nothing', digest: '6', keys: '\n', code: 1, state: 'pending' },
    { name: 'what only begins like it', digest: '7', keys: 'yesterday\n', code: 1, state: 'pending' },
    { name: 'the end of the input', digest: '8', keys: END_OF_INPUT, code: 1, state: 'pending' },
  ])('approve at a terminal shows the request first and asks then: $name', async ({ digest, keys, code, state }) => {
    const id = await askAnother(digest)
    const seen = await atATerminal(['approve', id], await world.envOf('hana'), { asks: PROMPT, keys })
    const before = seen.text.slice(0, seen.typedAt)
    expect(before).toContain('exactly  GET /api/v1/namespaces/shop/secrets/db')
    expect(before.indexOf(digest.repeat(64))).toBeGreaterThan(0)
    expect(before.indexOf(PROMPT)).toBeGreaterThan(before.indexOf(digest.repeat(64)))
    expect(before).not.toContain('approved')
    expect(seen.code, seen.text).toBe(code)
    if (code !== 0) expect(seen.text).toContain('nothing was approved')
    const now = JSON.parse((await world.as('hana', 'approvals', id, '-o', 'json')).stdout)
    expect(now.state).toBe(state)
  })

  test('approve in a script says the digest that was shown, and says no more than the template lets it', async () => {
    const id = await askAnother('e')
    const other = await world.as('hana', 'approve', id, '--yes', 'f'.repeat(64))
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('not about the request of this digest') })
    const lasting = await world.as('hana', 'approve', id, '--yes', 'e'.repeat(12), '--for-lease')
    expect(lasting).toMatchObject({ code: 1, stderr: expect.stringContaining('does not let a yes to this last') })
    const yes = await world.as('hana', 'approve', id, '--yes', 'e'.repeat(12))
    expect(yes).toMatchObject({ code: 0, stdout: expect.stringContaining('approved by hana') })
  })

  test('--watch prints each question as it comes, once, until it is stopped', async () => {
    const before = await askAnother('f')
    const env = await world.envOf('hana')
    const watching = startRunning(process.execPath, [MAIN, 'approvals', '--watch'], env)
    await watching.saw(new RegExp(`^${before} `, 'm'))
    const later = await askAnother('0')
    await watching.saw(new RegExp(`^${later} .* secrets-read .*get secrets "db" in shop`, 'm'))
    await world.as('hana', 'reject', before)
    const last = await askAnother('2')
    await watching.saw(new RegExp(`^${last} `, 'm'))
    await watching.stop()
    const printed = watching.output().match(/^apr_\S+/gm)
    expect(printed?.filter(id => [before, later, last].includes(id))).toEqual([before, later, last])
  })
})
