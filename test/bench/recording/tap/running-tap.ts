import { mkdir } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { MAIN } from '../../../../local/edition/leasegate.ts'
import { listensOn } from '../../../../local/process/listens-on.ts'
import type { Supervisor } from '../../../../local/process/supervisor.ts'
import type { Valkey } from '../../../support/stores/valkey.ts'
import { LOGS } from './requests.ts'

/** The real process, and the stream of an Envoy's access log to it. */
export interface RunningTap {
  readonly pid: number
  readonly give: (messages: readonly Buffer[]) => Promise<void>
  /** Rows that it has written so far. */
  readonly written: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Between that store and an embedded engine of its own. */
export async function startTap(
  supervisor: Supervisor,
  valkey: Valkey,
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningTap> {
  const directory = join(valkey.dir, name)
  await mkdir(directory)
  const [socket, health] = [join(directory, 'tap.sock'), join(directory, 'health.sock')]
  const tap = await supervisor.start({
    name,
    command: process.execPath,
    args: [MAIN, 'tap'],
    env: {
      LEASEGATE_REDIS_URL: valkey.url,
      LEASEGATE_TAP_LISTEN: `unix:${socket}`,
      LEASEGATE_HEALTH_LISTEN: `unix:${health}`,
      LEASEGATE_CLICKHOUSE_DIRECTORY: join(directory, 'clickhouse'),
      ...settings,
    },
    logFile: join(directory, 'log'),
    isReady: () => listensOn(socket),
  })
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  const stream = client.makeClientStreamRequest(
    LOGS,
    (bytes: Buffer) => bytes,
    String,
    () => undefined,
  )
  return {
    pid: tap.pid,
    give: async messages => {
      for (const message of messages) {
        if (!stream.write(message)) await new Promise(resolve => stream.once('drain', resolve))
      }
    },
    written: async () => Number(/^leasegate_record_rows_total (\d+)/m.exec(await metricsOf(health))?.[1]),
    stop: async () => {
      stream.end()
      await tap.stop()
      client.close()
    },
  }
}

function metricsOf(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: '/metrics' }, async response => {
      resolve((await response.setEncoding('utf8').toArray()).join(''))
    })
    asking.once('error', reject).end()
  })
}
