import type { Approval } from '../approval/approval.ts'
import { RedisBatchStore } from '../approval/batch/redis-batch-store.ts'
import { RedisApprovalStore } from '../approval/redis-approval-store.ts'
import { sentKeeper } from '../approval/sent/keep-sent.ts'
import { RedisSentStore } from '../approval/sent/redis-sent-store.ts'
import { openGuard } from '../certificates/open-guard.ts'
import type { BrokerConfig } from '../config/roles.ts'
import { certificateIdentifier } from '../identity/certificate/certificate-identifier.ts'
import { jwtIdentifier } from '../identity/jwt-identifier.ts'
import { parseSigningKey, parseVerifyKeys, type SigningKey, type VerifyKeys } from '../identity/keys/keys.ts'
import { RedisHoldStore } from '../lease/hold/redis-hold-store.ts'
import { RedisLeaseStore } from '../lease/redis/redis-lease-store.ts'
import { writeRefusal } from '../lease/redis/refusals.ts'
import { RedisStopStore } from '../lease/stop/redis-stop-store.ts'
import { RedisStreamEnds } from '../lease/stream/redis-stream-ends.ts'
import { RedisWatchMarks } from '../lease/stream/redis-watch-marks.ts'
import { PolicyFile } from '../policy/load/load-policy.ts'
import { connectRedis, type RedisLink } from '../redis/connect/connect-redis.ts'
import { toBrokerRedisSettings } from '../redis/connect/redis-settings.ts'
import type { Logger } from '../support/logger.ts'
import { startHealthServer } from '../support/net/health-server.ts'
import { isNear } from '../support/net/listen.ts'
import { ReloadingFile } from '../support/reloading-file.ts'
import { systemClock } from '../support/time/clock.ts'
import { brokerApp } from './app.ts'
import { openConsole } from './console/open-console.ts'
import { openRecord } from './console/record/open-record.ts'
import { BY_PROGRAMS, type ConsoleRecord } from './console/record/record.ts'
import { leaseSigner } from './leases/lease-signer.ts'
import { brokerMetrics } from './metrics.ts'
import { openTelling } from './notices/open-telling.ts'
import type { BrokerParts } from './parts.ts'
import { openPlanning, type Planning } from './plan/open-planning.ts'
import { readSent } from './plan/read-sent.ts'
import { type Served, serve } from './serve.ts'

/** The broker with its real parts, listening. Rejects when the policy or the keys cannot be used. */
export async function startBroker(config: BrokerConfig, log: Logger): Promise<Pick<Served, 'stop'>> {
  const guard = await openGuard(config, log)
  if (guard === null && !isNear(config.brokerListen)) {
    throw new Error('to listen beyond loopback it needs LEASEGATE_TLS_CERT_FILE, _KEY_FILE and _CLIENT_CA_FILE')
  }
  const files = await openFiles(config, log)
  const terms = { partitions: config.partitions, eviction: config.redisEviction }
  const link = connectRedis(toBrokerRedisSettings(config, terms), log)
  const planning = openPlanning(config, link, log)
  const record = config.consoleUrl === null ? null : openRecord(config, systemClock, log)
  // Beside that of the console: no agent that asks takes a page its place.
  const asked = openRecord(config, systemClock, log, BY_PROGRAMS)
  const close = () => {
    planning.close()
    void record?.close()
    void asked?.close()
    link.close()
    guard?.held.close()
    for (const file of Object.values(files)) file.close()
  }
  try {
    const metrics = brokerMetrics(() => link.ahead)
    const parts = toParts(config, files, { link, planning, record, asked }, log)
    const { fetch } = brokerApp(parts, metrics.count)
    const telling = openTelling(config, parts, link)
    planning.run(parts)
    const served = await serve({ fetch, address: config.brokerListen, guard, drainMs: config.drainLimit })
    const health =
      config.healthListen === null
        ? null
        : await startHealthServer({ address: config.healthListen, metrics: metrics.text, unready: inFull(parts, link) })
    return {
      stop: async () => {
        await telling.stop()
        await served.stop().finally(close)
        await health?.stop()
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

interface Files {
  readonly policy: PolicyFile
  readonly signing: ReloadingFile<SigningKey>
  readonly verify: ReloadingFile<VerifyKeys>
}

async function openFiles(config: BrokerConfig, log: Logger): Promise<Files> {
  const onProblem = (problem: string) => log.error({ problem }, 'a key file cannot be used; the keys before it stay')
  return {
    policy: await PolicyFile.open({
      file: config.policyFile,
      boundaryNamespace: config.boundaryNamespace,
      onProblem: error =>
        log.error({ problem: error.message }, 'the policy file cannot be used; the one before it stays'),
      onChange: ({ revision }) => log.info({ revision }, 'policy changed'),
    }),
    signing: await ReloadingFile.open({ path: config.signingKeysFile, parse: parseSigningKey, onProblem }),
    verify: await ReloadingFile.open({ path: config.publicKeysFile, parse: parseVerifyKeys, onProblem }),
  }
}

/** Whose tokens and certificates are believed. */
function identifiers(
  config: BrokerConfig,
  policy: PolicyFile,
  log: Logger,
): Pick<BrokerParts, 'identifier' | 'certificates'> {
  return {
    identifier: jwtIdentifier({
      policy: () => policy.current(),
      clock: systemClock,
      onUnavailable: error => log.error({ err: error }, 'identity tokens cannot be verified'),
      onKeptKeys: (issuer, err, ageMs) =>
        log.warn({ issuer, err, ageMs }, 'an issuer cannot be asked for its keys: those that it had count for a while'),
      onOddKeys: (issuer, odd) => log.warn({ issuer, odd }, 'of what an issuer publishes some is passed over'),
    }),
    certificates: isBehindEnvoy(config)
      ? certificateIdentifier({
          policy: () => policy.current(),
          clock: systemClock,
          onProblem: (authority, problem) =>
            log.error(
              { authority, problem },
              'a file of roots is not as it should be; where it cannot be read, those before count',
            ),
        })
      : null,
  }
}

/** Others on this machine could reach a port of it, and say what only Envoy may. */
function isBehindEnvoy({ brokerListen, tlsCertFile }: BrokerConfig): boolean {
  return brokerListen.kind === 'unix' || tlsCertFile !== null
}

interface Opened {
  readonly link: RedisLink
  readonly planning: Planning
  readonly record: ConsoleRecord | null
  readonly asked: ConsoleRecord | null
}

/** Its own listener is for whoever runs it; strangers reach the other one. */
function inFull({ unready }: Pick<BrokerParts, 'unready'>, link: RedisLink): () => Promise<string | null> {
  return async () => {
    const why = await unready()
    return why === null ? null : (link.unreadyInFull ?? why)
  }
}

function toParts(
  config: BrokerConfig,
  { policy, signing, verify }: Files,
  { link, planning, record, asked }: Opened,
  log: Logger,
): BrokerParts {
  const { partitions, journalHardLimit, journalHardBytes } = config
  const parts: Omit<BrokerParts, 'planner' | 'readSent'> = {
    ...identifiers(config, policy, log),
    leases: new RedisLeaseStore(link, { partitions, journalHardLimit, journalHardBytes }),
    approvals: new RedisApprovalStore(link, { partitions }),
    batches: new RedisBatchStore(link),
    approvalTimes: { askMs: config.approvalAsk, useMs: config.approvalUse },
    keepSent: sentKeeper({
      store: new RedisSentStore(link, { partitions }),
      keys: () => verify.current,
      now: systemClock,
      keepMs: config.approvalAsk,
      onFailure: (approval, err) => log.warn({ approval, err }, 'of this question no plan will be made'),
    }),
    holds: new RedisHoldStore(link, { partitions }),
    stops: new RedisStopStore(link, { partitions }),
    streams: new RedisStreamEnds(link, { partitions }),
    watches: new RedisWatchMarks(link, { partitions }),
    refuse: refused => writeRefusal(link, refused),
    policy: () => policy.current(),
    signer: leaseSigner({
      signingKey: () => signing.current,
      verifyKeys: () => verify.current,
      tokenTtlMs: config.leaseTokenTtl,
    }),
    record: asked,
    console: openConsole(config, { signing, verify, policy, link, record, log, clock: systemClock }),
    clock: systemClock,
    ahead: () => link.ahead,
    log,
    partitions,
    unready: async () => {
      if (!verify.current.has(signing.current.kid)) return 'the signing key is not among the public keys'
      return link.unready
    },
  }
  const { leases, signer, clock } = parts
  const boxKey = () => ({ kid: signing.current.kid, key: signing.current.box })
  const reading = {
    store: new RedisSentStore(link, { partitions }),
    leases,
    signer,
    policy: parts.policy,
    boxKey,
    clock,
  }
  const withSent = { ...parts, readSent: (approval: Approval) => readSent(approval, reading) }
  return { ...withSent, planner: planning.planner(withSent, () => signing.current) }
}
