import { hostname } from 'node:os'
import { openGuard } from '../certificates/open-guard.ts'
import type { TapConfig } from '../config/roles.ts'
import { startAccessLogServer } from '../envoy/server/access-log-server.ts'
import { toDoor } from '../envoy/server/grpc-server.ts'
import { type ClickHouse, openClickHouse } from '../record/clickhouse.ts'
import { findRowKeys } from '../record/clickhouse-row-keys.ts'
import { bringUpToDate, clusterOf, recordAddress } from '../record/connect/record-config.ts'
import { RedisJournalReader } from '../record/journal/redis/redis-journal-reader.ts'
import { createQueryRunner } from '../record/queries/run-query.ts'
import { keepCounting } from '../record/upkeep/keep-counting.ts'
import { connectRedis } from '../redis/connect/connect-redis.ts'
import { toRedisSettings } from '../redis/connect/redis-settings.ts'
import type { Logger } from '../support/logger.ts'
import { startHealthServer } from '../support/net/health-server.ts'
import { EnvoyGap } from './envoy-gap.ts'
import { openLedgerSide, toSink } from './ledger.ts'
import { tapMetrics } from './metrics.ts'
import { RowsOnDisk } from './outcomes/rows-on-disk.ts'
import { startQueryServer } from './query-server.ts'
import { Recording } from './recording/recording.ts'
import { startTap } from './tap.ts'
import type { TapStatus } from './tap-status.ts'

export interface RunningTap {
  /** Rejects when the journal's store does not answer. */
  readonly status: () => Promise<TapStatus>
  /** Rejects when the tap cannot go on. */
  readonly finished: Promise<void>
  /** Writes what it holds; what it could not write stays in the journal. */
  readonly stop: () => Promise<void>
}

/** The tap with its real parts, listening. Rejects when the database cannot be opened or brought up to date. */
export async function startRealTap(config: TapConfig, log: Logger): Promise<RunningTap> {
  const guard = await openGuard(config, log)
  const door = toDoor(config.tapListen, guard)
  // Two taps on one machine have two sockets.
  const consumer = [hostname(), ...(door.kind === 'unix' ? [door.path] : [])].join(' ')
  // Before the engine, which does not like to be left in the middle of something.
  const ledger = await openLedgerSide(config, consumer)
  const recording = await Recording.open({ config, log })
  const clickhouse = await openClickHouse(recordAddress(config))
  const applied = await bringUpToDate(clickhouse.writer, config)
  if (applied.length > 0) log.info({ applied }, 'record brought up to date')
  const counting = keepCounting(clickhouse.counter, clusterOf(config), log)
  // It goes on taking out what an evicting store still has.
  const terms = { partitions: config.partitions, eviction: 'whatever' } as const
  const link = connectRedis(toRedisSettings(config, terms), log)
  const journal = new RedisJournalReader(link, { consumer, partitions: config.partitions })
  const { sink, ...signing } = toSink(config, clickhouse.writer, ledger, log)
  const tap = startTap({
    journal,
    sink,
    log,
    findKeys: auditIds => findRowKeys(clickhouse.reader, auditIds),
    ...(config.outcomesDirectory === null ? {} : { kept: new RowsOnDisk(config.outcomesDirectory, log) }),
  })
  const server = await startAccessLogServer(door, tap)
  await recording?.begin(sink)
  const gap = openGap(config, () => tap.ends, log)
  const queries = await openQueries(config, clickhouse, log)
  const status = async () => ({
    ...(await tap.status()),
    outcomesMissing: gap?.missing ?? null,
    recorderFailingSeconds: recording?.failingSeconds ?? null,
    ...signing.failing(),
  })
  const health = await openHealth(config, status, () => link.unreadyInFull)
  return {
    status,
    finished: tap.finished,
    stop: async () => {
      const late = performance.now() + config.drainLimit
      await recording?.stopListening(config.drainLimit / 2)
      await server.stop((late - performance.now()) / 2)
      await health?.stop()
      await gap?.stop()
      await tap.stop(late - performance.now())
      await recording?.stop(late - performance.now())
      await signing.stop(late - performance.now())
      await queries?.stop()
      // Without the store its name stays there, which costs some bytes.
      await journal.leave().catch(() => undefined)
      journal.close()
      link.close()
      guard?.held.close()
      await counting.stop()
      await clickhouse.close()
    },
  }
}

async function openHealth(
  { healthListen: address }: TapConfig,
  status: () => Promise<TapStatus>,
  unready: () => string | null,
) {
  // ClickHouse may be away: the journal keeps, and another tap could do no better.
  return address === null
    ? null
    : startHealthServer({ address, metrics: tapMetrics(status), unready: async () => unready() })
}

function openGap({ envoyAdminSocket: socketPath }: TapConfig, ends: () => number, log: Logger): EnvoyGap | null {
  return socketPath === null ? null : new EnvoyGap({ socketPath, ends, log })
}

async function openQueries({ querySocket }: TapConfig, { reader }: ClickHouse, log: Logger) {
  return querySocket === null ? null : startQueryServer(querySocket, createQueryRunner(reader), log)
}
