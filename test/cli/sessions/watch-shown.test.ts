import { afterAll, beforeAll, expect, test } from 'vitest'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { asked, decision, item, outcome } from '../../record/entries.ts'
import { EXITED_3 } from '../../session/a-recording.ts'
import { aHead, output, recordOf } from '../../session/store/a-store.ts'
import { until } from '../../support/until.ts'
import { CliWorld } from '../cli-world.ts'
import { aSessionRecord, sessionsRunning } from './a-session-record.ts'

const { clickhouse, store, env: record, stop } = await aSessionRecord()
let world: CliWorld
let env: Record<string, string>
beforeAll(async () => {
  world = await CliWorld.start()
  env = { ...(await world.envOf('hana')), ...record }
})
afterAll(async () => {
  await stop()
  await world.stop()
})

async function aLease(): Promise<string> {
  const args = ['--template', 'restart-web', '--reason', 'a test', '-o', 'json']
  const { stdout, stderr } = await world.as('web-operator', 'lease', 'request', ...args)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout).id
}

/** `leasegate sessions watch` on its way. */
function watching(which: string) {
  const running = sessionsRunning(['watch', which], env)
  return { ...running, begun: () => running.said.stderr.includes('its sessions may begin') }
}

/** One that somebody watches; with `shown` and an end its recording as well. */
async function aSession(lease: string, { shown, isOver }: { readonly shown?: string; readonly isOver: boolean }) {
  const head = aHead({ lease })
  const exec = { info: asked({ verb: 'create', subresource: 'exec' }), command: ['run', head.auditId] }
  const request = decision({ auditId: head.auditId, lease, decidedAt: Date.now(), detail: 'watched by hana', ...exec })
  const open = { ...item(request), settled: { decision: 'allow', reason: 'in-scope', approval: '' } } as const
  const session = shown === undefined ? null : await store.sink.open(head)
  if (shown !== undefined) await session?.append([output(shown, 1)])
  const end = async () => {
    await session?.append([{ atMs: 5, kind: 'status', bytes: Buffer.from(EXITED_3) }])
    await session?.end({ at: new Date().toISOString(), why: 'ended' })
    await recordOf(clickhouse).write([toOutcomeRow(outcome(request), '')])
  }
  if (isOver) await end()
  await recordOf(clickhouse).write([toRow(open)])
  return { auditId: head.auditId, end }
}

const count = (text: string, part: string) => text.split(part).length - 1

test('a session that is over before its row arrives is shown as well, once; one from before the watch is not', async () => {
  const lease = await aLease()
  await aSession(lease, { shown: 'long ago', isOver: true })
  const { said, code, stop, begun } = watching(lease)
  await until('the watch', begun)
  await aSession(lease, { shown: 'stolen', isOver: true })
  await until('it to be shown', () => said.stdout.includes('stolen'))
  await aSession(lease, { shown: 'and more', isOver: true })
  await until('the next to be shown', () => said.stdout.includes('and more'))
  stop()
  expect(await code).toBe(0)
  expect(count(said.stdout, 'stolen')).toBe(1)
  expect(said.stdout).not.toContain('long ago')
})

test('what runs beside the one that is shown is told of again at the end, also where only that one was asked for', async () => {
  const lease = await aLease()
  const decoy = await aSession(lease, { shown: 'look here', isOver: false })
  const { said, code, begun } = watching(decoy.auditId)
  await until('the watch', begun)
  await until('it to be shown', () => said.stdout.includes('look here'))
  const beside = await aSession(lease, { isOver: true })
  await until('the other to be told of', () => said.stderr.includes(`sessions follow ${beside.auditId}`))
  await decoy.end()
  expect(await code).toBe(1)
  expect(said.stderr).toContain(`session ${beside.auditId} ran while you watched, and you were not shown it: exec`)
  expect(said.stderr).not.toContain(`session ${decoy.auditId} ran while`)
})

test('what waits while another is shown is told of again, and shown, when that is over', async () => {
  const lease = await aLease()
  const { said, code, stop, begun } = watching(lease)
  await until('the watch', begun)
  const decoy = await aSession(lease, { shown: 'look here', isOver: false })
  await until('it to be shown', () => said.stdout.includes('look here'))
  const next = await aSession(lease, { shown: 'behind it', isOver: true })
  await decoy.end()
  await until('the other to be shown', () => said.stdout.includes('behind it'))
  expect(said.stderr).toContain(`session ${next.auditId} waits to be shown`)
  stop()
  expect(await code).toBe(0)
})
