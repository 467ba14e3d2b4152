import { parentPort, workerData } from 'node:worker_threads'
import { openGuard } from '../../certificates/open-guard.ts'
import { RecordError, type RecordErrorCode, type RecordSink } from '../../record/record-sink.ts'
import type { RunningRecorder } from '../../recorder/start-recorder.ts'
import { createLogger } from '../../support/logger.ts'
import { nameSourceLines } from '../../support/process/source-lines.ts'
import { Line } from './line.ts'
import type { Order, RecorderConfig, Wish } from './orders.ts'
import { openRecorder, openSessions, type RecordedSessions } from './sessions.ts'

/**
 * The recorder, as a thread of the tap that may wait for its disk: it reads and writes in step. A disk that hangs holds up this thread and
 * none that others wait for (Node.js has four for all files of a process). Then nothing is answered, and Envoy ends what is recorded.
 */
nameSourceLines()
if (parentPort === null) throw new Error('the recorder is a thread of the tap')
const config = workerData as RecorderConfig
const log = createLogger({ name: 'tap', level: config.logLevel })
let sessions: RecordedSessions | null = null
let recorder: RunningRecorder | null = null

const line = new Line<Wish, Order>(parentPort, async order => {
  if (order.kind === 'open') sessions = await openSessions(config, log)
  else if (order.kind === 'begin') await begin()
  else if (order.kind === 'stop-listening') await recorder?.stop(order.graceMs)
  else if (order.kind === 'stop') await sessions?.stop(order.withinMs)
})

/** The engine is in the tap's own thread: two cannot have it. */
const record: RecordSink = {
  write: (rows, name) =>
    line.ask({ rows, name }).catch(error => {
      throw new RecordError((error.code ?? 'unavailable') as RecordErrorCode, error.message, error)
    }),
}

async function begin(): Promise<void> {
  sessions?.ship(record)
  const guard = config.recorderListen?.kind === 'tcp' ? await openGuard(config, log) : null
  recorder = await openRecorder(config, guard, sessions, log)
}
