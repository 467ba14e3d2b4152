import type { BrokerConfig } from '../../config/roles.ts'
import type { Notify, Receiver } from '../../policy/notify.ts'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { within } from '../../support/time/within.ts'
import { yesesTo } from '../approvals/yeses.ts'
import type { BrokerParts } from '../parts.ts'
import { RedisNoticeLedger } from './redis-notice-ledger.ts'
import { startTelling } from './tell.ts'
import { notifierOf } from './ways/way-notifier.ts'

/** People are told within a second, with a plan where there is one by then. */
const PLAN_MS = 400

/** Throws when something would go out unsigned. */
export function openTelling(config: BrokerConfig, parts: BrokerParts, link: RedisLink): { stop(): Promise<void> } {
  const { approvals, policy, planner, clock, log } = parts
  const own = ownReceiver(config)
  return startTelling({
    approvals,
    ledger: new RedisNoticeLedger(link),
    notify: () => withOwn(policy().notify ?? null, own),
    notifierOf: ({ way }) => notifierOf(way, clock),
    yesesTo: async approval => (await yesesTo(approval, parts)).map(({ by }) => by),
    planOf: async approval => {
      const planned = await within(PLAN_MS, planner.of(approval)).catch(() => null)
      return planned?.kind === 'plan' ? planned.plan : null
    },
    policy,
    clock,
    log,
    origin: config.consoleUrl,
  })
}

/** The webhook of the settings, where there is one. */
export function ownReceiver({
  webhookUrl: url,
  webhookSecretFile: secretFile,
  webhookCaFile: caFile,
}: Pick<BrokerConfig, 'webhookUrl' | 'webhookSecretFile' | 'webhookCaFile'>): Receiver | null {
  if (url === null) return null
  if (secretFile === null) throw new Error('with LEASEGATE_WEBHOOK_URL it needs LEASEGATE_WEBHOOK_SECRET_FILE')
  return { name: 'webhook', people: [], way: { kind: 'webhook', url, secretFile, caFile } }
}

/** It is told with the first; one of the policy by the same name takes its place. */
export function withOwn(notify: Notify | null, own: Receiver | null): Notify | null {
  if (own === null) return notify
  if (notify === null) return { receivers: [own], tell: [own.name], escalate: [], quietHours: null, onCall: null }
  if (notify.receivers.some(({ name }) => name === own.name)) return notify
  return { ...notify, receivers: [...notify.receivers, own], tell: [...notify.tell, own.name] }
}
