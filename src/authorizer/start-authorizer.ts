import { setTimeout as wait } from 'node:timers/promises'
import { isApprover } from '../approval/people/counted.ts'
import { sentKeeper } from '../approval/sent/keep-sent.ts'
import { RedisSentStore } from '../approval/sent/redis-sent-store.ts'
import { answerVerifier } from '../approval/verify-answer.ts'
import { openGuard } from '../certificates/open-guard.ts'
import type { AuthorizerConfig } from '../config/roles.ts'
import { addPutOffLog } from '../envoy/server/access-log-server.ts'
import { type Authorization, addAuthorization, checkMethod } from '../envoy/server/authorization-server.ts'
import { startGrpcServer, toDoor } from '../envoy/server/grpc-server.ts'
import { addStreamControl } from '../envoy/server/stream-control-server.ts'
import { parseVerifyKeys, type VerifyKeys } from '../identity/keys/keys.ts'
import { openContract } from '../identity/signed/contract.ts'
import { LeaseTokenVerifier } from '../identity/token/lease-token-verifier.ts'
import { timesNarrowed } from '../lease/lease.ts'
import { RedisLeaseLedger } from '../lease/redis/redis-lease-ledger.ts'
import { RedisWatchMarks } from '../lease/stream/redis-watch-marks.ts'
import { PolicyFile } from '../policy/load/load-policy.ts'
import { connectRedis, type RedisLink } from '../redis/connect/connect-redis.ts'
import { toRedisSettings } from '../redis/connect/redis-settings.ts'
import { statesToday } from '../session/states-today.ts'
import type { Logger } from '../support/logger.ts'
import { startHealthServer } from '../support/net/health-server.ts'
import { ReloadingFile } from '../support/reloading-file.ts'
import { systemClock } from '../support/time/clock.ts'
import { toAnswer, toDenial } from './answer/to-answer.ts'
import { authorize } from './authorize.ts'
import { leaseCache } from './lease-cache.ts'
import { type AuthorizerMetrics, authorizerMetrics } from './metrics.ts'
import { openStreams } from './open-streams.ts'
import { admit } from './share/admit.ts'
import { newShares } from './share/shares.ts'
import { failed, type Surroundings } from './surroundings.ts'
import { watchersOf } from './watch/watchers.ts'

const CACHED_LEASES = 10_000
/** Envoy's health check comes twice a second; after this it sends nothing new. */
const LEAVE_MS = 1500

export interface Authorizer {
  /** No new requests, then what runs to its end, then, at the drain limit, the rest is cut. */
  readonly stop: () => Promise<void>
}

/** The authorizer with its real parts, listening. Rejects when the policy or the keys cannot be used. */
export async function startAuthorizer(config: AuthorizerConfig, log: Logger): Promise<Authorizer> {
  const guard = await openGuard(config, log)
  const door = toDoor(config.authorizerListen, guard)
  const files = await openFiles(config, log)
  const terms = { partitions: config.partitions, eviction: config.redisEviction, time: 'ours' } as const
  const link = connectRedis(toRedisSettings(config, terms), log)
  const ledger = openLedger(config, files, link)
  const around = {
    ...surroundings(config, files, { ledger, link }, log),
    keepSent: keepingSent(config, files, link, log),
  }
  const metrics = authorizerMetrics({
    liveStreams: () => streams.size,
    storeReady: () => link.ready,
    ahead: () => link.ahead,
  })
  const streams = openStreams(config, { ...byLeases(ledger, around), around, link, log, metrics })
  const stopping = new AbortController()
  const running = streams.run(stopping.signal)
  const check = checkMethod({
    ...answers(around, metrics, config.consoleUrl),
    onFailure: err => log.error({ err }, 'a check could not be answered'),
  })
  const server = await startGrpcServer({
    door,
    often: check,
    addServices: grpc => {
      addAuthorization(grpc, check)
      addPutOffLog(grpc, used => {
        ledger
          .giveBack({ ...used, now: systemClock() })
          .then(isBack => log.info({ ...used, isBack }, 'the API server put off what a yes was used for'))
          .catch(err => log.error({ err, ...used }, 'a yes could not be given back'))
      })
      addStreamControl(grpc, { onOpen: streams.open, onClose: streams.close })
    },
  })
  const health =
    config.healthListen === null
      ? null
      : await startHealthServer({
          address: config.healthListen,
          metrics: metrics.text,
          unready: async () => link.unreadyInFull,
        })
  return {
    stop: async () => {
      server.leave()
      await Promise.race([server.alone(), wait(LEAVE_MS, undefined, { ref: false })])
      const cutting = setTimeout(() => streams.cutAll('shutdown'), config.drainLimit)
      await server.stop(config.drainLimit + LEAVE_MS)
      clearTimeout(cutting)
      stopping.abort()
      await running
      await health?.stop()
      link.close()
      guard?.held.close()
      for (const file of Object.values(files)) file.close()
    },
  }
}

/** What streams ask of leases; what the contracts say is believed of no one else. */
function byLeases(ledger: RedisLeaseLedger, { findLease, policy }: Pick<Surroundings, 'findLease' | 'policy'>) {
  return {
    ledger: statesToday({ ledger, findLease, policy }),
    ancestorsOf: async (id: string) => (await findLease(id))?.ancestors ?? null,
    timesNarrowed: async (ids: readonly string[]) => {
      const leases = await Promise.all(ids.map(findLease))
      return leases.reduce((sum, lease) => sum + (lease === null ? 0 : timesNarrowed(lease)), 0)
    },
  }
}

/** What Envoy is told, each time measured. */
function answers(
  around: Surroundings,
  metrics: AuthorizerMetrics,
  consoleUrl: string | null,
): Pick<Authorization, 'admit' | 'check' | 'failed'> {
  return {
    admit: async http => {
      const from = performance.now()
      const denied = await admit(http, around)
      if (denied === null) return null
      metrics.decided(denied, (performance.now() - from) / 1000)
      return toDenial(denied)
    },
    check: async http => {
      const from = performance.now()
      const decision = await authorize(http, around)
      metrics.decided(decision, (performance.now() - from) / 1000)
      return toAnswer(decision, consoleUrl)
    },
    failed: (http, error) => {
      const denied = failed(http, error, around)
      metrics.decided(denied, 0)
      return toDenial(denied)
    },
  }
}

interface Files {
  readonly policy: PolicyFile
  readonly keys: ReloadingFile<VerifyKeys>
}

async function openFiles(config: AuthorizerConfig, log: Logger): Promise<Files> {
  return {
    policy: await PolicyFile.open({
      file: config.policyFile,
      boundaryNamespace: config.boundaryNamespace,
      onProblem: err => log.error({ problem: err.message }, 'the policy file cannot be used; the one before it stays'),
      onChange: ({ revision }) => log.info({ revision }, 'policy changed'),
    }),
    keys: await ReloadingFile.open({
      path: config.publicKeysFile,
      parse: parseVerifyKeys,
      onProblem: problem => log.error({ problem }, 'the key file cannot be used; the keys before it stay'),
    }),
  }
}

function openLedger(config: AuthorizerConfig, { keys, policy }: Files, link: RedisLink): RedisLeaseLedger {
  const { partitions, journalHighMark, journalHardLimit, journalHighBytes, journalHardBytes } = config
  return new RedisLeaseLedger(link, {
    partitions,
    journalHighMark,
    journalHardLimit,
    journalHighBytes,
    journalHardBytes,
    verifyAnswer: answerVerifier({
      keys: () => keys.current,
      useMs: config.approvalUse,
      askMs: config.approvalAsk,
      isApprover: name => isApprover(name, policy.current()),
      electorate: () => policy.current(),
    }),
  })
}

function watching(
  { partitions }: AuthorizerConfig,
  { policy, keys }: Files,
  link: RedisLink,
): Surroundings['watchers'] {
  return watchersOf({
    marks: new RedisWatchMarks(link, { partitions }),
    keys: () => keys.current,
    policy: () => policy.current(),
    now: systemClock,
  })
}

function keepingSent(
  config: AuthorizerConfig,
  { keys }: Files,
  link: RedisLink,
  log: Logger,
): Surroundings['keepSent'] {
  return sentKeeper({
    store: new RedisSentStore(link, { partitions: config.partitions }),
    keys: () => keys.current,
    now: systemClock,
    keepMs: config.approvalAsk,
    onFailure: (approval, err) => log.warn({ approval, err }, 'of this question no plan will be made'),
  })
}

function surroundings(
  config: AuthorizerConfig,
  { policy, keys }: Files,
  { ledger, link }: { readonly ledger: RedisLeaseLedger; readonly link: RedisLink },
  log: Logger,
): Omit<Surroundings, 'keepSent'> {
  const verifier = new LeaseTokenVerifier(() => keys.current)
  return {
    now: systemClock,
    identify: (headers, now) => verifier.identify(headers, now),
    findLease: leaseCache(
      async id => {
        const contract = await ledger.contract(id)
        return contract === null ? null : openContract(contract, keys.current)
      },
      CACHED_LEASES,
      lease => ledger.isOutdated(lease),
    ),
    policy: () => policy.current(),
    ledger,
    watchers: watching(config, { policy, keys }, link),
    approvalTimes: { askMs: config.approvalAsk, useMs: config.approvalUse },
    shares: newShares(),
    cpuMs: () => {
      const { user, system } = process.threadCpuUsage()
      return (user + system) / 1000
    },
    deadlineMs: config.checkDeadline,
    onFailure: (auditId, err) => log.error({ auditId, err }, 'denied, because no decision could be made'),
  }
}
