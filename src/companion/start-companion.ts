import { setTimeout as wait } from 'node:timers/promises'
import type { CompanionConfig } from '../config/roles.ts'
import type { Logger } from '../support/logger.ts'
import { startHealthServer } from '../support/net/health-server.ts'
import { drain } from './drain.ts'
import { type EnvoyAdmin, envoyAdmin } from './envoy-admin.ts'

export interface Companion {
  /** Drains Envoy, and ends after it. */
  readonly stop: () => Promise<void>
}

interface Times {
  /** After this time nobody sends anything new to a pod that ends: whoever routes to it has heard. */
  readonly heardMs: number
  /** How long Envoy may take to end when it has been told that it is drained. */
  readonly outlivesMs: number
}

const TIMES: Times = { heardMs: 5000, outlivesMs: 5000 }
const LOOK_EVERY_MS = 200

const TEXT = 'text/plain; charset=utf-8'

/**
 * Lives in Envoy's pod and holds the only way to its admin endpoint. On the network it shows what may be read (`/metrics`, `/readyz`)
 * and, to the kubelet, `/envoyz` and `/drained`, which answers when Envoy may be ended. Nothing that comes in changes anything:
 * the drain begins with SIGTERM.
 */
export async function startCompanion(
  config: CompanionConfig,
  log: Logger,
  { heardMs, outlivesMs }: Times = TIMES,
): Promise<Companion> {
  const { envoyAdminSocket, healthListen, drainLimit } = config
  if (envoyAdminSocket === null) throw new Error('LEASEGATE_ENVOY_ADMIN_SOCKET is not set')
  if (healthListen === null) throw new Error('LEASEGATE_HEALTH_LISTEN is not set')
  const admin = envoyAdmin(envoyAdminSocket)
  const stopping = new AbortController()
  const drained = Promise.withResolvers<void>()
  const server = await startHealthServer({
    address: healthListen,
    metrics: async () => (await admin.ask('GET', '/stats/prometheus?usedonly')).text,
    unready: async () => ((await isReady(admin)) ? null : 'Envoy is not ready'),
    others: {
      '/envoyz': async () =>
        (await isAlive(admin, stopping.signal)) ? [200, TEXT, 'ok\n'] : [503, TEXT, 'Envoy is lost\n'],
      '/drained': async () => {
        await Promise.race([drained.promise, wait(drainLimit + heardMs + outlivesMs, null, { ref: false })])
        return [200, TEXT, 'drained\n']
      },
    },
  })
  return {
    stop: async () => {
      stopping.abort()
      const left = await drain(admin, { limitMs: drainLimit, atLeastMs: heardMs }).catch(error => error)
      log.info(left instanceof Error ? { problem: left.message } : left, 'drained')
      drained.resolve()
      await goneOrLate(admin, outlivesMs)
      await server.stop()
    },
  }
}

async function isReady(admin: EnvoyAdmin): Promise<boolean> {
  const { status } = await admin.ask('GET', '/ready')
  return status === 200
}

/** An Envoy that drains though nobody ends this pod will never take requests again. */
async function isAlive(admin: EnvoyAdmin, ending: AbortSignal): Promise<boolean> {
  const { text } = await admin.ask('GET', '/server_info')
  return ending.aborted || !text.includes('"state": "DRAINING"')
}

async function goneOrLate(admin: EnvoyAdmin, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  while (performance.now() < end) {
    if (!(await isThere(admin))) return
    await wait(LOOK_EVERY_MS)
  }
}

function isThere(admin: EnvoyAdmin): Promise<boolean> {
  return admin.ask('GET', '/ready').then(
    () => true,
    () => false,
  )
}
