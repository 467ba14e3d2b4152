import type { Logger } from '../../../support/logger.ts'
import type { SessionHead } from '../../recording/session-event.ts'
import type { OpenSession, SessionSink } from '../../recording/session-sink.ts'
import { headContext, newDataKey, type SessionKeys } from '../keys/session-keys.ts'
import { toHeadFile } from './head-file.ts'
import { LeftSessions } from './left-sessions.ts'
import type { Spool } from './spool.ts'
import { SpooledSession } from './spooled-session.ts'

/** How long a segment waits for more before the record gets it, milliseconds. */
const TURN_MS = 1000

export interface SpoolSessionSink extends SessionSink {
  /** Sessions that are being written. */
  readonly running: number
  /** Ends what runs yet, for this reason. Without one it is left as it is, for the next process to end. */
  stop(why: string | null): Promise<void>
}

interface Ending {
  readonly at: string
  readonly why: string
}

/** Takes new sessions, and ends what a process before this one left meanwhile. A session that cannot be ended is tried again each second. */
export async function openSpoolSessionSink(spool: Spool, keys: SessionKeys, log: Logger): Promise<SpoolSessionSink> {
  const left = LeftSessions.end(spool.sessions(), keys, log)
  const running = new Map<SpooledSession, Ending | null>()
  const turn = async (session: SpooledSession, ending: Ending | null): Promise<void> => {
    try {
      if (ending === null) return await session.turnSegment()
      await session.end(ending)
      running.delete(session)
    } catch (err) {
      log.warn({ err }, 'a recorded session cannot be written')
    }
  }
  const timer = setInterval(() => {
    for (const [session, ending] of running) void turn(session, ending)
  }, TURN_MS)
  timer.unref()
  return {
    open: async (head: SessionHead): Promise<OpenSession> => {
      const key = newDataKey()
      const wrapped = await keys.wrap(key, headContext(head))
      const folder = spool.begin(head.auditId, toHeadFile(head, wrapped))
      const session = new SpooledSession({ spool, folder, auditId: head.auditId, key })
      running.set(session, null)
      return {
        append: events => session.append(events),
        end: async ending => {
          running.set(session, ending)
          await session.end(ending)
          running.delete(session)
        },
      }
    },
    get running() {
      return running.size
    },
    stop: async why => {
      clearInterval(timer)
      left.stop()
      const at = new Date().toISOString()
      const stopping = [...running].map(async ([session, ending]) => {
        if (why !== null) await turn(session, ending ?? { at, why })
        await session.leave().catch(() => {})
      })
      await Promise.all(stopping)
    },
  }
}
