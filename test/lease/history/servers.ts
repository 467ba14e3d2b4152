import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import type { RedisSettings } from '../../../src/redis/server-link.ts'

/** How: its replica took over from it, or it gave away what it led. */
export type Moved = 'failover' | 'handed on'

/** Servers of which one leads, and what may become of them. */
export interface Servers {
  readonly connect: (settings: Partial<RedisSettings>) => RedisLink
  /** From here on whoever takes over next hears nothing, where that can be had. */
  readonly detach: () => Promise<void>
  /** Another one leads, and the one before follows it; what goes on meanwhile is tried as often as there is time. */
  readonly failOver: (meanwhile: () => Promise<void>) => Promise<Moved>
  /** kill -9 of the one that leads, which comes back as it was. */
  readonly crash: () => Promise<void>
  readonly snapshot: () => Promise<void>
  /** The one that leads comes back as it was at the snapshot. */
  readonly restore: () => Promise<void>
  readonly stop: () => Promise<void>
}
