import { join } from 'node:path'
import { Command } from 'commander'
import { toFailure } from '../../../src/cli/command/cli-error.ts'
import { sessionsCommand } from '../../../src/cli/sessions/sessions.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { startQueryServer } from '../../../src/tap/query-server.ts'
import { openTestDatabase } from '../../record/embedded.ts'
import { aRing, keyFile, makeFolder, openStore, quiet, recordOf, remove } from '../../session/store/a-store.ts'

/** A store of sessions that ships into the embedded engine, and what `leasegate sessions` needs to read both. */
export async function aSessionRecord() {
  const ring = aRing()
  const { clickhouse, ...database } = await openTestDatabase()
  const folder = await makeFolder()
  const store = await openStore(join(folder, 'spool'), () => ring)
  const shipper = store.ship(recordOf(clickhouse))
  const socket = join(folder, 'query.sock')
  const server = await startQueryServer(socket, createQueryRunner(clickhouse.reader), quiet)
  const env = { LEASEGATE_QUERY_SOCKET: socket, LEASEGATE_SESSION_KEY_FILE: await keyFile(folder, ring) }
  const stop = async (): Promise<void> => {
    await shipper.stop()
    await store.sink.stop(null)
    await server.stop()
    await database[Symbol.asyncDispose]()
    await remove(folder)
  }
  return { clickhouse, store, folder, env, stop }
}

/** `leasegate sessions …` on its way; `stop` is Ctrl-C. */
export function sessionsRunning(args: readonly string[], env: Readonly<Record<string, string>>) {
  const said = { stdout: '', stderr: '' }
  const stopping = new AbortController()
  const say = (to: 'stdout' | 'stderr') => (text: string) => {
    said[to] += text
  }
  const signal = () => stopping.signal
  const terminal = { env, stdin: process.stdin, print: say('stdout'), note: say('stderr'), stopping: signal }
  const ran = new Command().addCommand(sessionsCommand(terminal)).parseAsync(['sessions', ...args], { from: 'user' })
  const code = ran.then(
    () => 0,
    error => {
      const { exitCode, message } = toFailure(error)
      said.stderr += message
      return exitCode
    },
  )
  return { said, code, stop: () => stopping.abort() }
}
