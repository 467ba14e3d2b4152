import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { RedisNoticeLedger } from '../../../src/broker/notices/redis-notice-ledger.ts'
import { startTelling } from '../../../src/broker/notices/tell.ts'
import { notifierOf } from '../../../src/broker/notices/ways/way-notifier.ts'
import type { Receiver } from '../../../src/policy/notify.ts'
import { connectRedis } from '../../../src/redis/connect/connect-redis.ts'
import { systemClock } from '../../../src/support/time/clock.ts'

/** What of a broker tells people, in a process of its own that a test can kill. */
const [url = '', receiver = ''] = process.argv.slice(2)
const { way, name, people } = JSON.parse(receiver) as Receiver
const QUIET = { info: () => {}, warn: () => {} }
const link = connectRedis({ url, durability: 'always' }, QUIET)

startTelling({
  approvals: new RedisApprovalStore(link),
  ledger: new RedisNoticeLedger(link),
  notify: () => ({ receivers: [{ name, people, way }], tell: [name], escalate: [], quietHours: null, onCall: null }),
  notifierOf: one => notifierOf(one.way, systemClock),
  yesesTo: async () => [],
  planOf: async () => null,
  policy: () => ({ mask: { names: [], prefixes: [] } }),
  clock: systemClock,
  log: QUIET,
  origin: null,
})
