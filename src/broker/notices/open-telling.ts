import type { BrokerConfig } from '../../config/roles.ts'
import type { RedisLink } from '../../redis/connect-redis.ts'
import type { BrokerParts } from '../parts.ts'
import { RedisNoticeLedger } from './redis-notice-ledger.ts'
import { startTelling } from './tell.ts'
import { webhookNotifier } from './webhook-notifier.ts'

/** Null where nobody is to be told. Throws when it would go out unsigned. */
export function openTelling(
  { webhookUrl: url, webhookSecretFile: secretFile, webhookCaFile: caFile, consoleUrl }: BrokerConfig,
  { approvals, policy, clock, log }: BrokerParts,
  link: RedisLink,
): { stop(): Promise<void> } | null {
  if (url === null) return null
  if (secretFile === null) throw new Error('with LEASEGATE_WEBHOOK_URL it needs LEASEGATE_WEBHOOK_SECRET_FILE')
  const ledger = new RedisNoticeLedger(link)
  const notifier = webhookNotifier({ url, caFile, secretFile, clock })
  return startTelling({ approvals, ledger, notifier, policy, clock, log, origin: consoleUrl })
}
