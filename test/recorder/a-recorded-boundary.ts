import { join } from 'node:path'
import type { SessionSummary } from '../../src/recorder/recorded-session.ts'
import type { RecorderParts } from '../../src/recorder/recorder.ts'
import { type RunningRecorder, startRecorder } from '../../src/recorder/start-recorder.ts'
import { startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { ensureOtherEnvoy } from '../support/envoy/other-envoy.ts'
import { MemorySink } from './memory-sink.ts'
import { openRaw } from './raw-decoder.ts'

export interface RecordedBoundary extends TestBoundary {
  readonly sink: MemorySink
  readonly summaries: SessionSummary[]
  readonly recorder: () => RunningRecorder
  /** As a rollout does: told to end, and another one comes. */
  readonly replaceRecorder: (graceMs: number, meanwhile?: () => Promise<unknown>) => Promise<void>
}

/** Of a line before ours that may stand in front of an API server, too. */
export function anotherEnvoy(): Promise<string> {
  return ensureOtherEnvoy(line => process.stderr.write(`${line}\n`))
}

/** The real Envoy, or that program, with a recorder of this process, which keeps in memory. */
export async function startRecordedBoundary(
  given: Partial<RecorderParts> = {},
  envoy?: string,
): Promise<RecordedBoundary> {
  const sink = new MemorySink()
  const summaries: SessionSummary[] = []
  const start = (socket: string) =>
    startRecorder(
      { kind: 'unix', path: socket },
      { sink, openDecoder: openRaw, onOver: summary => void summaries.push(summary), ...given },
    )
  let recorder: RunningRecorder | null = null
  const boundary = await startBoundary({
    // Of a token in a file other lines of Envoy take the line's end as well.
    ...(envoy === undefined ? {} : { envoy, credential: 'certificate' }),
    startRecorder: async socket => {
      recorder = await start(socket)
    },
  })
  const current = () => {
    if (recorder === null) throw new Error('no recorder was started')
    return recorder
  }
  return {
    ...boundary,
    sink,
    summaries,
    recorder: current,
    replaceRecorder: async (graceMs, meanwhile) => {
      await current().stop(graceMs)
      await meanwhile?.()
      recorder = await start(join(boundary.directory, 'recorder.sock'))
    },
    stop: async () => {
      await boundary.stop()
      await current().stop(0)
    },
  }
}
