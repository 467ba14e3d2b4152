import type { BrokerConfig } from '../../../config/roles.ts'
import type { Policy } from '../../../policy/policy.ts'
import type { Patient } from '../../../proof/doctor/doctor.ts'
import { journalLengths } from '../../../record/journal/redis/redis-journal-lengths.ts'
import type { RedisLink } from '../../../redis/connect/connect-redis.ts'
import { readStore } from '../../../redis/store/read-store.ts'
import type { Clock } from '../../../support/time/clock.ts'
import type { ConsoleRecord } from '../record/record.ts'
import { type ConsoleDoctor, consoleDoctor } from './console-doctor.ts'

interface Seen {
  readonly link: RedisLink
  readonly record: ConsoleRecord | null
  readonly policy: () => Policy
  readonly clock: Clock
}

/** What a broker can look at with what it has: its store, the record, its keys, the issuers of its policy. */
export function openDoctor(config: BrokerConfig, { link, record, policy, clock }: Seen): ConsoleDoctor {
  return consoleDoctor(
    (): Patient => ({
      store: {
        read: () => readStore(link, clock),
        lag: () => journalLengths(link, config.partitions),
        durability: config.durability,
        replicas: config.redisReplicas,
        marks: {
          high: config.journalHighMark,
          hard: config.journalHardLimit,
          highBytes: config.journalHighBytes,
          hardBytes: config.journalHardBytes,
        },
      },
      record: record?.reader ?? null,
      // Of the tap's user alone.
      ledgers: null,
      keys: { publicFile: config.publicKeysFile, signingFile: config.signingKeysFile },
      policy: policy(),
      envoy: null,
      envoyConfig: null,
      served: [],
      authorities: [],
      cluster: null,
    }),
    clock,
  )
}
