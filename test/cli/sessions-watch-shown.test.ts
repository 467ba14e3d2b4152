import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toFailure } from '../../src/cli/cli-error.ts'
import { sessionsCommand } from '../../src/cli/sessions/sessions.ts'
import { createQueryRunner } from '../../src/record/queries/run-query.ts'
import { toOutcomeRow, toRow } from '../../src/record/to-rows.ts'
import type { Shipper } from '../../src/session/store/shipping/shipper.ts'
import { type QueryServer, startQueryServer } from '../../src/tap/query-server.ts'
import { openTestDatabase } from '../record/embedded.ts'
import { asked, decision, item, outcome } from '../record/entries.ts'
import { EXITED_3 } from '../session/a-recording.ts'
import {
  aHead,
  aRing,
  keyFile,
  makeFolder,
  openStore,
  output,
  quiet,
  recordOf,
  remove,
  type Store,
} from '../session/store/a-store.ts'
import { until } from '../support/until.ts'
import { CliWorld } from './cli-world.ts'

const ring = aRing()
const { clickhouse, ...database } = await openTestDatabase()
let world: CliWorld
let folder: string
let store: Store
let shipper: Shipper
let server: QueryServer
let env: Record<string, string>
beforeAll(async () => {
  world = await CliWorld.start()
  folder = await makeFolder()
  store = await openStore(join(folder, 'spool'), () => ring)
  shipper = store.ship(recordOf(clickhouse))
  const socket = join(folder, 'query.sock')
  server = await startQueryServer(socket, createQueryRunner(clickhouse.reader), quiet)
  const record = { LEASEGATE_QUERY_SOCKET: socket, LEASEGATE_SESSION_KEY_FILE: await keyFile(folder, ring) }
  env = { ...(await world.envOf('hana')), ...record }
})
afterAll(async () => {
  await shipper.stop()
  await store.sink.stop(null)
  await server.stop()
  await database[Symbol.asyncDispose]()
  await remove(folder)
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
  const said = { stdout: '', stderr: '' }
  const stopping = new AbortController()
  const say = (to: 'stdout' | 'stderr') => (text: string) => {
    said[to] += text
  }
  const signal = () => stopping.signal
  const terminal = { env, stdin: process.stdin, print: say('stdout'), note: say('stderr'), stopping: signal }
  const ran = new Command()
    .addCommand(sessionsCommand(terminal))
    .parseAsync(['sessions', 'watch', which], { from: 'user' })
  const code = ran.then(
    () => 0,
    error => {
      const { exitCode, message } = toFailure(error)
      said.stderr += message
      return exitCode
    },
  )
  return { said, code, stop: () => stopping.abort(), begun: () => said.stderr.includes('its sessions may begin') }
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
