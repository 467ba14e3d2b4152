import type { SessionEvent, SessionEventKind, SessionHead } from '../../src/session/recording/session-event.ts'
import type { OpenSession, SessionSink } from '../../src/session/recording/session-sink.ts'

export interface KeptSession {
  readonly head: SessionHead
  readonly events: SessionEvent[]
  end: { readonly at: string; readonly why: string } | null
}

/** Keeps sessions in memory; what goes wrong with a disk is put in by the test. */
export class MemorySink implements SessionSink {
  readonly sessions: KeptSession[] = []
  /** Waited for before each write. */
  before: (what: 'open' | 'append' | 'end') => Promise<void> | void = () => undefined
  writes = 0

  async open(head: SessionHead): Promise<OpenSession> {
    await this.before('open')
    const kept: KeptSession = { head, events: [], end: null }
    this.sessions.push(kept)
    return {
      append: async events => {
        await this.before('append')
        this.writes += 1
        kept.events.push(...events)
      },
      end: async end => {
        await this.before('end')
        kept.end = end
      },
    }
  }

  reset(): void {
    this.sessions.length = 0
    this.before = () => undefined
    this.writes = 0
  }

  /** The one session of this request. */
  of(auditId: string): KeptSession {
    const found = this.sessions.filter(({ head }) => head.auditId === auditId)
    const [one] = found
    if (one === undefined || found.length > 1) throw new Error(`${found.length} sessions of ${auditId}`)
    return one
  }
}

export function bytesOf({ events }: KeptSession, kind: SessionEventKind): Buffer {
  return Buffer.concat(events.filter(event => event.kind === kind).map(({ bytes }) => bytes))
}
