import type { AuthorizerConfig } from '../config/roles.ts'
import { RedisStreamEnds } from '../lease/stream/redis-stream-ends.ts'
import { MARK_MS } from '../lease/stream/watch-marks.ts'
import type { RedisLink } from '../redis/connect-redis.ts'
import { EndedByPeople } from '../session/ended-by-people.ts'
import { type CutReason, type LiveStream, LiveStreams } from '../session/live-streams.ts'
import { WatchedStreams } from '../session/watched-streams.ts'
import { systemClock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import type { AuthorizerMetrics } from './metrics.ts'
import type { Watchers } from './watch/watchers.ts'

const CONFIRM_EVERY_MS = 1000
const LOOK_EVERY_MS = 500

/** What watches over the streams that are open at this authorizer. */
export interface OpenStreams {
  readonly size: number
  readonly open: (stream: LiveStream) => void
  readonly close: (stream: LiveStream) => void
  readonly cutAll: (reason: CutReason) => void
  /** Until aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

interface Parts extends Pick<ConstructorParameters<typeof LiveStreams>[0], 'ledger' | 'ancestorsOf' | 'timesNarrowed'> {
  readonly watchers: (lease: string) => Promise<Watchers>
  readonly link: RedisLink
  readonly log: Logger
  readonly metrics: AuthorizerMetrics
}

export function openStreams(config: AuthorizerConfig, { watchers, link, log, metrics, ...leases }: Parts): OpenStreams {
  const onCut = ({ auditId, lease }: LiveStream, reason: CutReason): void => {
    metrics.cut(reason)
    log.info({ auditId, lease, reason }, 'stream cut')
  }
  const byLease = new LiveStreams({
    ...leases,
    now: systemClock,
    confirmEveryMs: CONFIRM_EVERY_MS,
    unconfirmedLimitMs: config.unconfirmedLimit,
    onCut,
  })
  const byPeople = new EndedByPeople({
    ends: new RedisStreamEnds(link, { partitions: config.partitions }),
    everyMs: LOOK_EVERY_MS,
    onCut,
    onFailure: err => sayUnread(log, err),
  })
  const byWatchers = new WatchedStreams({
    watchedUntil: async lease => (await watchers(lease)).until,
    now: systemClock,
    markMs: MARK_MS,
    everyMs: LOOK_EVERY_MS,
    onCut,
  })
  return {
    get size() {
      return byLease.size
    },
    open: stream => {
      byPeople.open(stream)
      byWatchers.open(stream)
      void byLease.open(stream)
    },
    close: stream => {
      byPeople.close(stream)
      byWatchers.close(stream)
      byLease.close(stream)
    },
    cutAll: reason => byLease.cutAll(reason),
    run: async signal => {
      await Promise.all([byLease, byPeople, byWatchers].map(each => each.run(signal)))
    },
  }
}

/** While the store is away, leases are not confirmed either, and that ends streams. Without the right to read, nothing would. */
export function sayUnread(log: Logger, err: unknown): void {
  if (/\bNOPERM\b/.test(String(err)))
    log.error({ err }, 'this user of the store may not read which streams people ended: none of them ends here')
  else log.warn({ err }, 'the store does not say which streams people ended')
}
