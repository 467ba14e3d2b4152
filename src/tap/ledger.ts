import type { TapConfig } from '../config/roles.ts'
import type { ClickHouse } from '../record/clickhouse.ts'
import { createClickHouseSink } from '../record/clickhouse-record-sink.ts'
import { openLedger } from '../record/connect/record-config.ts'
import { copyCheckpoints } from '../record/copies/copy-checkpoints.ts'
import { takerOf } from '../record/copies/s3-place.ts'
import { keepSigning } from '../record/ledger/keep-signing.ts'
import { keepTrying, type Rounds } from '../record/ledger/keep-trying.ts'
import type { Ledger } from '../record/ledger/ledger.ts'
import { createLedgerSink } from '../record/ledger/ledger-sink.ts'
import type { OwnLedger } from '../record/ledger/own-ledger.ts'
import { RecordError, type RecordSink } from '../record/record-sink.ts'
import { cosignNewest, type Seen } from '../record/witness/cosign-checkpoints.ts'
import { readWitnessPolicy, type WitnessPolicy } from '../record/witness/witness-policy.ts'
import type { Logger } from '../support/logger.ts'
import type { TapStatus } from './tap-status.ts'

/** What there is beside the record, where anything is set. */
export interface LedgerSide {
  readonly own: OwnLedger | null
  readonly witnesses: WitnessPolicy | null
}

/** Rejects with a RecordError where the settings cannot be used. */
export async function openLedgerSide(config: TapConfig, owner: string): Promise<LedgerSide> {
  const own = await openLedger(config, owner)
  const { ledgerWitnessesFile: file } = config
  const witnesses = file === null ? null : await readWitnessPolicy(file).catch(notConfigured)
  return { own, witnesses }
}

function notConfigured(error: Error): never {
  throw new RecordError('not-configured', error.message, error)
}

export interface SignedSink {
  readonly sink: RecordSink
  /** For how long something was not put to the second place, or not cosigned; null where there is no such place, or nobody to. */
  failing(): Pick<TapStatus, 'copyFailingSeconds' | 'witnessFailingSeconds'>
  /** Signs what is entered, and copies that within the time. */
  stop(withinMs: number): Promise<void>
}

/** The record, a ledger beside it where one is set, and a second place and witnesses for its checkpoints. */
export function toSink(config: TapConfig, writer: ClickHouse['writer'], side: LedgerSide, log: Logger): SignedSink {
  const clickhouse = createClickHouseSink(writer)
  if (side.own === null) return { sink: clickhouse, failing: () => NOTHING_FAILS, stop: async () => {} }
  const { ledger, damaged } = side.own
  if (damaged !== null) log.error({ damaged }, 'a ledger was changed by somebody else; a new one begins')
  const { verifierKey } = ledger
  log.info({ ledger: ledger.name, entries: ledger.size, verifierKey }, 'rows are entered in a ledger')
  const sink = createLedgerSink(clickhouse, ledger)
  const signing = keepSigning(sink, log)
  const copying = openCopying(config, ledger, log)
  const cosigning = openCosigning(config, ledger, side.witnesses, log)
  return {
    sink,
    failing: () => ({
      copyFailingSeconds: copying?.failingSeconds() ?? null,
      witnessFailingSeconds: cosigning?.failingSeconds() ?? null,
    }),
    stop: async withinMs => {
      await signing.stop()
      await sink.close()
      await Promise.all([copying?.stop(withinMs), cosigning?.stop(withinMs)])
    },
  }
}

const NOTHING_FAILS = { copyFailingSeconds: null, witnessFailingSeconds: null }

function openCopying(config: TapConfig, { folder, name }: Ledger, log: Logger): Rounds | null {
  const taker = takerOf(config)
  if (taker === null) return null
  const words = {
    failed: 'checkpoints cannot be put to the second place; they are put later',
    again: 'checkpoints are put to the second place again',
  }
  return keepTrying(signal => copyCheckpoints({ folder, ledger: name, taker }, signal), words, log)
}

function openCosigning(
  { ledgerWitnessesCaFile: caFile }: TapConfig,
  { folder }: Ledger,
  policy: WitnessPolicy | null,
  log: Logger,
): Rounds | null {
  if (policy === null) return null
  const seen: Seen = new Map()
  const words = { failed: 'a witness does not sign the newest checkpoint', again: 'every witness signs again' }
  return keepTrying(() => cosignNewest({ folder, policy, caFile }, seen), words, log)
}
