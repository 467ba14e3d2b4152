import { setTimeout as wait } from 'node:timers/promises'
import type { EnvoyAdmin } from './envoy-admin.ts'

const LOOK_EVERY_MS = 250
/** Several times Envoy's `buffer_flush_interval`: so long after the last request its outcome may still be in Envoy's memory. */
const FLUSHED_AFTER_MS = 1000

interface Times {
  readonly limitMs: number
  /** New requests may still come for so long: nothing open does not mean that nothing comes. */
  readonly atLeastMs: number
}

export interface Drained {
  /** Requests and streams that were still open when the time was up. */
  readonly left: number
  /** The tap was away to the end: what became of the last requests is not on record. */
  readonly untold?: true
}

/**
 * Ends an Envoy without failing a request: it says that it is not well, so that nobody new is sent here; asks clients to go elsewhere
 * (GOAWAY, Connection: close) while it still answers them; and waits until nothing is open. SIGTERM alone would cut everything at once.
 */
export async function drain(admin: EnvoyAdmin, { limitMs, atLeastMs }: Times): Promise<Drained> {
  const begin = performance.now()
  await admin.ask('POST', '/healthcheck/fail')
  await admin.ask('POST', '/drain_listeners?graceful&skip_exit')
  for (;;) {
    const left = await openRequests(admin)
    const past = performance.now() - begin
    if ((left === 0 && past >= atLeastMs) || past >= limitMs) {
      const outcomes = await outcomesAreTold(admin, begin + limitMs)
      return outcomes ? { left } : { left, untold: true }
    }
    await wait(Math.min(LOOK_EVERY_MS, limitMs - past))
  }
}

/**
 * Envoy keeps the outcomes of requests while it knows that the tap is away, and takes them with it when it ends: an upgrade replaces both
 * at once. False when the tap was not there before the time was up.
 */
async function outcomesAreTold(admin: EnvoyAdmin, deadline: number): Promise<boolean> {
  for (let thereSince: number | null = null; ; ) {
    const now = performance.now()
    thereSince = (await tapIsThere(admin)) ? (thereSince ?? now) : null
    if (thereSince !== null && now - thereSince >= FLUSHED_AFTER_MS) return true
    if (thereSince === null && now >= deadline) return false
    await wait(LOOK_EVERY_MS)
  }
}

async function tapIsThere(admin: EnvoyAdmin): Promise<boolean> {
  const { text } = await admin.ask('GET', '/stats?filter=^cluster\\.tap\\.membership_healthy$')
  return Number(/: (\d+)$/m.exec(text)?.[1] ?? 0) > 0
}

/** Envoy's own count, of both listeners: `http.boundary.downstream_rq_active: 3`. */
async function openRequests(admin: EnvoyAdmin): Promise<number> {
  const { text } = await admin.ask('GET', '/stats?filter=^http\\.(boundary|broker)\\.downstream_rq_active$')
  return text.split('\n').reduce((sum, line) => sum + Number(/: (\d+)$/.exec(line)?.[1] ?? 0), 0)
}
