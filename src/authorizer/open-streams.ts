import type { AuthorizerConfig } from '../config/roles.ts'
import { RedisSessionSeconds } from '../lease/stream/redis-session-seconds.ts'
import { RedisStreamEnds } from '../lease/stream/redis-stream-ends.ts'
import { MARK_MS } from '../lease/stream/watch-marks.ts'
import type { RedisLink } from '../redis/connect/connect-redis.ts'
import { EndedByPeople } from '../session/ended-by-people.ts'
import { type CutReason, type LiveStream, LiveStreams } from '../session/live-streams.ts'
import { secondsToday } from '../session/seconds-today.ts'
import { TimedStreams } from '../session/timed-streams.ts'
import { WatchedStreams } from '../session/watched-streams.ts'
import type { Logger } from '../support/logger.ts'
import { steadyClock, systemClock } from '../support/time/clock.ts'
import type { AuthorizerMetrics } from './metrics.ts'
import type { Surroundings } from './surroundings.ts'

const CONFIRM_EVERY_MS = 1000
const LOOK_EVERY_MS = 500
/** So much earlier than its seconds end, at most, a session is cut. */
const COUNT_EVERY_MS = 200
/** Beside the drain limit: whoever ends the process gives it ten seconds more than that. */
const GIVE_BACK_MS = 2000

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
  readonly around: Pick<Surroundings, 'findLease' | 'policy' | 'watchers'>
  readonly link: RedisLink
  readonly log: Logger
  readonly metrics: AuthorizerMetrics
}

export function openStreams(config: AuthorizerConfig, { around, link, log, metrics, ...leases }: Parts): OpenStreams {
  const onCut = ({ auditId, lease }: LiveStream, reason: CutReason): void => {
    metrics.cut(reason)
    log.info({ auditId, lease, reason }, 'stream cut')
  }
  const byLease = new LiveStreams({
    ...leases,
    now: systemClock,
    steady: steadyClock,
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
    watchedUntil: async lease => (await around.watchers(lease)).until,
    now: systemClock,
    steady: steadyClock,
    markMs: MARK_MS,
    everyMs: LOOK_EVERY_MS,
    onCut,
  })
  const byTheSecond = timedStreams({ link, log, config, around, onCut })
  return {
    get size() {
      return byLease.size
    },
    open: stream => {
      byPeople.open(stream)
      byWatchers.open(stream)
      byTheSecond.open(stream)
      void byLease.open(stream)
    },
    close: stream => {
      byPeople.close(stream)
      byWatchers.close(stream)
      byTheSecond.close(stream)
      byLease.close(stream)
    },
    cutAll: reason => byLease.cutAll(reason),
    run: async signal => {
      await Promise.all([byLease, byPeople, byWatchers, byTheSecond].map(each => each.run(signal)))
    },
  }
}

interface Timing extends Pick<Parts, 'around' | 'link' | 'log'> {
  readonly config: Pick<AuthorizerConfig, 'partitions'>
  readonly onCut: (stream: LiveStream, reason: CutReason) => void
}

function timedStreams({ config: { partitions }, around, link, log, onCut }: Timing): TimedStreams {
  return new TimedStreams({
    seconds: secondsToday({ ...around, seconds: new RedisSessionSeconds(link, { partitions }) }),
    now: () => performance.now(),
    everyMs: COUNT_EVERY_MS,
    endMs: GIVE_BACK_MS,
    onCut,
    onFailure: ({ auditId, lease }, err) =>
      log.warn({ auditId, lease, err }, 'the seconds of a session could not be counted'),
  })
}

/** While the store is away, leases are not confirmed either, and that ends streams. Without the right to read, nothing would. */
export function sayUnread(log: Logger, err: unknown): void {
  if (/\bNOPERM\b/.test(String(err)))
    log.error({ err }, 'this user of the store may not read which streams people ended: none of them ends here')
  else log.warn({ err }, 'the store does not say which streams people ended')
}
