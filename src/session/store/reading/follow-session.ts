import { setTimeout as pause } from 'node:timers/promises'
import { altered, SessionError } from '../session-error.ts'
import type { More } from './read-chunks.ts'
import type { SessionSource, StoredSession } from './session-source.ts'

export interface Following {
  readonly source: SessionSource
  readonly auditId: string
  readonly stopping: AbortSignal
  /** Whether the boundary knows that it is over: the recording of one whose recorder died has no end yet. */
  readonly isOver?: () => Promise<boolean>
  readonly times?: Partial<FollowTimes>
}

export interface FollowTimes {
  readonly everyMs: number
  /** So long after it began the record may not have anything of it yet. */
  readonly unknownMs: number
  /** A record that does not answer is asked again for so long. */
  readonly awayMs: number
  /** When nothing came for so long it is looked for whether anything can come. */
  readonly quietMs: number
}

/** Chunks come into the record each second. */
export const FOLLOW_TIMES: FollowTimes = { everyMs: 500, unknownMs: 10_000, awayMs: 30_000, quietMs: 10_000 }

/**
 * A session whose events are those that there are, and then those that come, until it has ended or this is stopped. Null where nothing
 * is kept of it. Each chunk is looked at as it is for who reads it later.
 */
export async function followSession(following: Following): Promise<StoredSession | null> {
  const { source, auditId, stopping } = following
  const times = { ...FOLLOW_TIMES, ...following.times }
  const late = performance.now() + times.unknownMs
  for (;;) {
    const session = await source.open(auditId, goingOn(following, times))
    if (session !== null || performance.now() > late || stopping.aborted) return session
    await pause(times.everyMs, undefined, { signal: stopping }).catch(() => {})
  }
}

function goingOn(following: Following, times: FollowTimes): More {
  const { stopping, auditId } = following
  let failingSince: number | null = null
  let quiet: Quiet = { next: -1, since: 0, over: null }
  return async ({ next, failure }) => {
    const now = performance.now()
    failingSince = failure === null ? null : (failingSince ?? now)
    if (failingSince !== null && now - failingSince > times.awayMs) return false
    if (next !== quiet.next) quiet = { next, since: now, over: null }
    if (failure === null && now - quiet.since > times.quietMs) {
      const over = await whyOver(following)
      // Seen once, the last chunk may have come between the two looks.
      if (over === 'recording' && quiet.over === over) throw altered(auditId, 'its last chunk is missing')
      if (over !== null && quiet.over === over) return false
      quiet = { next, since: performance.now(), over }
    }
    await pause(times.everyMs, undefined, { signal: stopping }).catch(() => {})
    return !stopping.aborted
  }
}

/** While nothing came behind chunk `next`. */
interface Quiet {
  readonly next: number
  readonly since: number
  readonly over: 'recording' | 'boundary' | null
}

/** Rejects when it was deleted meanwhile. A record that does not answer says nothing of it. */
async function whyOver({ source, auditId, isOver }: Following): Promise<Quiet['over']> {
  try {
    const session = await source.open(auditId)
    if (session !== null && session.ended !== null) return 'recording'
    return (await isOver?.()) === true ? 'boundary' : null
  } catch (error) {
    if (error instanceof SessionError) throw error
    return null
  }
}
