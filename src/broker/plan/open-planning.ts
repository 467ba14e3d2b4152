import { RedisSentStore } from '../../approval/sent/redis-sent-store.ts'
import type { BrokerConfig } from '../../config/roles.ts'
import type { SigningKey } from '../../identity/keys/keys.ts'
import { apiView } from '../../kubernetes/api-view.ts'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import type { Logger } from '../../support/logger.ts'
import type { BrokerParts } from '../parts.ts'
import { ClusterPlanner } from './cluster-planner.ts'
import { keepPlanning } from './keep-planning.ts'
import { noPlanner, type Planner } from './planner.ts'

type Config = Pick<BrokerConfig, 'partitions' | 'planServerUrl' | 'planTokenFile' | 'planCaFile' | 'planSessions'>

export interface Planning {
  readonly planner: (parts: Omit<BrokerParts, 'planner'>, signingKey: () => SigningKey) => Planner
  /** From now on each question gets its plan soon after it was asked. */
  readonly run: (parts: Pick<BrokerParts, 'planner'>) => void
  readonly close: () => void
}

const NO_ACCOUNT = 'this broker has no account that may look into the cluster (LEASEGATE_PLAN_SERVER_URL, _TOKEN_FILE)'

/** What makes plans, with its own connections and its own loop; nothing where the broker was given no account for it. */
export function openPlanning(config: Config, link: RedisLink, log: Logger): Planning {
  const {
    partitions,
    planServerUrl: url,
    planTokenFile: tokenFile,
    planCaFile: caFile,
    planSessions: sessions,
  } = config
  if (url === null || tokenFile === null) {
    return { planner: () => noPlanner(NO_ACCOUNT), run: () => undefined, close: () => undefined }
  }
  const store = new RedisSentStore(link, { partitions })
  const view = apiView({ url, tokenFile, caFile })
  const stopping = new AbortController()
  return {
    planner: ({ leases, signer, policy, approvals, clock }, signingKey) => {
      const boxKey = () => ({ kid: signingKey().kid, key: signingKey().box })
      return new ClusterPlanner({ leases, signer, policy, approvals, clock, store, view, sessions, boxKey, log })
    },
    run: ({ planner }) => {
      const onFailure = (err: unknown) => log.warn({ err }, 'questions cannot be planned at the moment')
      void keepPlanning({ store, planner, onFailure }, stopping.signal)
    },
    close: () => {
      stopping.abort()
      view.close()
    },
  }
}
