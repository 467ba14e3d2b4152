/**
 * One recorded session that goes on for long, with the real Envoy and the tap's part as processes: their memory stays flat, and the last
 * words come. node test/long/long-session.ts [minutes, default 60] [MB a second, default 1]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listensOn } from '../../local/process/listens-on.ts'
import { freePort } from '../../local/process/ports.ts'
import type { Supervisor } from '../../local/process/supervisor.ts'
import { show, sip } from '../bench/streams/sessions/exec-client.ts'
import { residentMb } from '../bench/streams/sessions/processes.ts'
import { startBoundary } from '../support/envoy/envoy.ts'
import { allow } from '../support/envoy/scripted-authorizer.ts'
import { until } from '../support/until.ts'

const [minutes = 60, perSecond = 1] = process.argv.slice(2).map(Number)
const BYTES = minutes * 60 * perSecond * 1_000_000
/** Of the pieces of an hour a thirtieth that stayed would be more. */
const MOST_MORE_MB = 100
const STATUS_AND_CLOSE_BYTES = 40

const folder = await mkdtemp(join(tmpdir(), 'lg-long-session-'))
const program = (name: string) => join(import.meta.dirname, '../bench/streams/sessions', name)
const serverPort = await freePort()
const pids = { envoy: 0, tap: 0 }
const start = async (
  supervisor: Supervisor,
  directory: string,
  name: string,
  args: readonly string[],
  isReady: () => Promise<boolean>,
) => {
  const logFile = join(directory, `${name}.log`)
  const of = { name, command: process.execPath, args: [program(`${name}.ts`), ...args], logFile, isReady }
  return (await supervisor.start(of)).pid
}
const boundary = await startBoundary({
  startApiServer: async ({ certificateFile, keyFile }, supervisor, directory) => {
    const isReady = async () => (await show(serverPort, 1).catch(() => null)) !== null
    await start(supervisor, directory, 'exec-server', [String(serverPort), certificateFile, keyFile], isReady)
    return serverPort
  },
  startRecorder: async (socket, supervisor, directory) => {
    pids.tap = await start(supervisor, directory, 'recording-tap', [socket, folder], () => listensOn(socket))
  },
})
pids.envoy = boundary.envoy.pid
boundary.script.answer = http => allow(http, { streamMs: 24 * 3_600_000 })

try {
  // The engine and the compiler have what they keep before it is counted.
  await show(boundary.port, 50_000_000)
  const samples: { readonly envoy: number; readonly tap: number }[] = []
  const timer = setInterval(() => samples.push({ envoy: residentMb(pids.envoy), tap: residentMb(pids.tap) }), 500)
  const bytes = await sip(boundary.port, BYTES, perSecond * 1_000_000)
  clearInterval(timer)
  if (bytes < BYTES + STATUS_AND_CLOSE_BYTES) {
    // On a machine with far too much to do the recorder is late, and ends it.
    await until('its outcome', () => boundary.outcomes.length > 1)
    throw new Error(`it ended at ${bytes} of ${BYTES} bytes: ${JSON.stringify(boundary.outcomes.at(-1))}`)
  }
  for (const name of ['envoy', 'tap'] as const) {
    const quarters = quartersOf(samples.map(sample => sample[name]))
    console.log(`${name}: ${quarters.join(', ')} MB, by quarters`)
    const [, second = 0, , last = 0] = quarters
    if (!(last - second < MOST_MORE_MB)) throw new Error(`${name} grows with a session that goes on`)
  }
  console.log(`a session of ${minutes} minutes, ${Math.round(bytes / 1e6)} MB`)
} finally {
  await boundary.stop()
  await rm(folder, { recursive: true, force: true })
}

/** Medians: the engine within the tap takes more while it merges, the longer it runs the more at once, and gives it back. The first fills its caches. */
function quartersOf(values: readonly number[]): readonly number[] {
  const length = Math.floor(values.length / 4)
  return [0, 1, 2, 3].map(quarter => {
    const sorted = values.slice(quarter * length, (quarter + 1) * length).sort((one, other) => one - other)
    return sorted[Math.floor(length / 2)] ?? Number.NaN
  })
}
