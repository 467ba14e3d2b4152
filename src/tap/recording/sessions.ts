import type { Guard } from '../../certificates/guarded-server.ts'
import type { TapConfig } from '../../config/roles.ts'
import { toDoor } from '../../envoy/server/grpc-server.ts'
import type { RecordSink } from '../../record/record-sink.ts'
import { type RunningRecorder, startRecorder } from '../../recorder/start-recorder.ts'
import type { SessionSink } from '../../session/recording/session-sink.ts'
import { openSessionKeys } from '../../session/store/keys/open-keys.ts'
import { Shipper } from '../../session/store/shipping/shipper.ts'
import { Spool } from '../../session/store/spool/spool.ts'
import { openSpoolSessionSink } from '../../session/store/spool/spool-session-sink.ts'
import { openDecoder } from '../../session/tunnel/decoder.ts'
import type { Logger } from '../../support/logger.ts'
import { within } from '../../support/time/within.ts'

export interface RecordedSessions {
  readonly sink: SessionSink
  /** Begins to bring them into this record. */
  ship(record: RecordSink): void
  /** What is not in the record by then stays in the spool. */
  stop(withinMs: number): Promise<void>
}

const MIB = 2 ** 20

/** Where sessions are recorded; null where no setting says so. Rejects when spool or keys cannot be used. */
export async function openSessions(
  config: Pick<
    TapConfig,
    'sessionsDirectory' | 'sessionsSpool' | 'sessionKeyFile' | 'sessionKeyCommand' | 'sessionCommands'
  >,
  log: Logger,
): Promise<RecordedSessions | null> {
  if (config.sessionsDirectory === null) return null
  const keys = await openSessionKeys(config, problem => log.error({ problem }, 'the keys of sessions stay as before'))
  const spool = await Spool.open(config.sessionsDirectory, config.sessionsSpool * MIB)
  const sink = await openSpoolSessionSink(spool, keys, log)
  let shipper: Shipper | null = null
  return {
    sink,
    ship: record => {
      shipper ??= new Shipper({ spool, keys, sink: record, log, commands: config.sessionCommands })
    },
    stop: async withinMs => {
      await sink.stop('the recorder stopped')
      // An insert that hangs must not outlast the stop.
      const shipped = shipper?.stop() ?? Promise.resolve()
      await within(Math.max(withinMs, 0), shipped).catch(err => log.warn({ err }, 'recorded sessions stay'))
      keys.close()
    },
  }
}

/** Listens for what Envoy has recorded; null where no setting says so. */
export async function openRecorder(
  config: Pick<TapConfig, 'recorderListen' | 'sessionInputs'>,
  guard: Guard | null,
  sessions: RecordedSessions | null,
  log: Logger,
): Promise<RunningRecorder | null> {
  // What an earlier one left is brought to the record all the same.
  if (config.recorderListen === null || sessions === null) return null
  return startRecorder(toDoor(config.recorderListen, guard), {
    sink: sessions.sink,
    openDecoder,
    inputs: () => config.sessionInputs,
    onOver: (summary, err) => {
      if (err === null) log.info(summary, 'a recorded session is over')
      else log.error({ ...summary, err }, 'a recorded session could not be given its end')
    },
  })
}
