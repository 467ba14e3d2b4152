import { setTimeout as wait } from 'node:timers/promises'
import type { EnvoyAdmin } from './envoy-admin.ts'

const LOOK_EVERY_MS = 250

interface Times {
  readonly limitMs: number
  /** New requests may still come for so long: nothing open does not mean that nothing comes. */
  readonly atLeastMs: number
}

export interface Drained {
  /** Requests and streams that were still open when the time was up. */
  readonly left: number
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
    if ((left === 0 && past >= atLeastMs) || past >= limitMs) return { left }
    await wait(Math.min(LOOK_EVERY_MS, limitMs - past))
  }
}

/** Envoy's own count, of both listeners: `http.boundary.downstream_rq_active: 3`. */
async function openRequests(admin: EnvoyAdmin): Promise<number> {
  const { text } = await admin.ask('GET', '/stats?filter=^http\\.(boundary|broker)\\.downstream_rq_active$')
  return text.split('\n').reduce((sum, line) => sum + Number(/: (\d+)$/.exec(line)?.[1] ?? 0), 0)
}
