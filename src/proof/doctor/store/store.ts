import type { Finding } from '../../../findings/report.ts'
import type { StoreState } from '../../../redis/store/read-store.ts'
import type { Examination } from '../examined.ts'
import { judgeSentinels, seenOf } from './sentinels.ts'

const SKEW_LIMIT_MS = 2000
const MEMORY_LIMIT = 0.75
/** The first Redis that knows WAITAOF; every Valkey does. */
const WAITAOF_SINCE = [7, 2] as const

/** Leases, revocations and the journal live here: what it forgets, nobody knows. */
export function judgeStore(state: StoreState, durability: 'always' | 'everysec', durableReplicas = 0): Examination {
  const { skewMs, config, info, sentinels = null, cluster = null } = state
  const setting = (name: string) => config.get(name) ?? fromInfo(info, name)
  const findings = [
    ...waitaof(state, durability === 'always' && durableReplicas === 0),
    ...untold(setting, durability),
    ...persistence(setting, durability),
    ...memory(setting, info),
    ...lastWrites(info),
    ...replicas(setting, info),
    ...(sentinels === null && cluster === null ? alone(info, durableReplicas) : []),
    ...(cluster === null ? mode(info) : []),
    ...(sentinels === null ? [] : judgeSentinels(sentinels, replicasOf(info), durableReplicas)),
    ...(Math.abs(skewMs) > SKEW_LIMIT_MS ? [clock(skewMs)] : []),
  ]
  const told = ['appendonly', 'appendfsync', 'maxmemory-policy'].map(name => `${name} ${setting(name) ?? 'not told'}`)
  return {
    tried: [`CONFIG GET, INFO and TIME of the store${sentinels === null ? '' : ', and where sentinels say it is'}`],
    seen: [
      `${info.get('valkey_version') ?? info.get('redis_version') ?? 'a version it does not tell'}, ${told.join(', ')}`,
      ...seenOf(sentinels ?? []),
    ],
    findings,
  }
}

type Setting = (name: string) => string | undefined

/** Managed servers refuse CONFIG, and tell some of it in INFO. */
function fromInfo(info: ReadonlyMap<string, string>, name: string): string | undefined {
  if (name === 'appendonly') return { '0': 'no', '1': 'yes' }[info.get('aof_enabled') ?? '']
  return name === 'maxmemory-policy' ? info.get('maxmemory_policy') : undefined
}

/** Where each write is on disk before it is answered, and no replica has to have it, nobody asks for it. */
function waitaof({ info, knowsWaitaof = null }: StoreState, isSpared: boolean): readonly Finding[] {
  if (isSpared) return []
  const told = info.get('redis_version') ?? 'of a version that it does not tell'
  if (isTooOld(info)) return [noWaitaof(`Redis ${told} is older than ${WAITAOF_SINCE.join('.')}`)]
  return knowsWaitaof === false ? [noWaitaof('the store has no command WAITAOF')] : []
}

function isTooOld(info: ReadonlyMap<string, string>): boolean {
  const told = info.get('redis_version')
  if (told === undefined || info.has('valkey_version')) return false
  const [major = 0, minor = 0] = told.split('.').map(Number)
  return major < WAITAOF_SINCE[0] || (major === WAITAOF_SINCE[0] && minor < WAITAOF_SINCE[1])
}

function noWaitaof(what: string): Finding {
  return {
    severity: 'error',
    what,
    why: 'By WAITAOF a revocation is known to be on disk, and on replicas where LEASEGATE_REDIS_REPLICAS is above 0: none is acknowledged.',
    mend: 'Install Redis 7.2 or later, or Valkey; or let it sync each write, LEASEGATE_DURABILITY be always, and LEASEGATE_REDIS_REPLICAS 0.',
  }
}

/** What it hides cannot be called well. */
function untold(setting: Setting, durability: 'always' | 'everysec'): readonly Finding[] {
  const wanted = ['appendonly', 'maxmemory-policy', ...(durability === 'always' ? ['appendfsync'] : [])]
  return wanted
    .filter(name => setting(name) === undefined)
    .map(name => ({
      severity: 'unknown',
      what: `the store does not tell its ${name}`,
      why: 'Whether it keeps what it was told is not known.',
      mend: 'Let the user of LEASEGATE_REDIS_URL ask (ACL SETUSER USER +config|get +info), or look at the provider.',
    }))
}

function persistence(setting: Setting, durability: 'always' | 'everysec'): readonly Finding[] {
  const findings: Finding[] = []
  if (setting('appendonly') === 'no') {
    findings.push({
      severity: 'critical',
      what: 'the store has appendonly off',
      why: 'A restart forgets leases, revocations and the journal: a revoked lease could come back, a decision be lost.',
      mend: "redis-cli CONFIG SET appendonly yes   # and in the server's own configuration",
    })
  }
  const fsync = setting('appendfsync')
  if (durability === 'always' && fsync !== undefined && fsync !== 'always') {
    findings.push({
      severity: 'error',
      what: `LEASEGATE_DURABILITY is always, and the store's appendfsync is ${fsync}`,
      why: 'A crash can lose decisions that were answered.',
      mend: "redis-cli CONFIG SET appendfsync always   # and in the server's own configuration",
    })
  }
  if (fsync === 'no') {
    findings.push({
      severity: 'error',
      what: "the store's appendfsync is no",
      why: 'When it is written is left to the kernel: half a minute of decisions can be lost.',
      mend: "redis-cli CONFIG SET appendfsync everysec   # and in the server's own configuration",
    })
  }
  return findings
}

function memory(setting: Setting, info: ReadonlyMap<string, string>): readonly Finding[] {
  const findings: Finding[] = []
  const policy = setting('maxmemory-policy')
  if (policy !== undefined && policy !== 'noeviction') {
    findings.push({
      severity: 'critical',
      what: `the store's maxmemory-policy is ${policy}`,
      why: 'When memory runs short it forgets revocations, or the journal.',
      mend: "redis-cli CONFIG SET maxmemory-policy noeviction   # and in the server's own configuration",
    })
  }
  const [used, limit] = [Number(info.get('used_memory')), Number(setting('maxmemory') ?? info.get('maxmemory'))]
  if (limit > 0 && used > limit * MEMORY_LIMIT) {
    findings.push({
      severity: 'warning',
      what: `the store uses ${Math.round((used / limit) * 100)} % of its memory`,
      why: 'When it is full, nothing can be decided any more; revocations still go through.',
      mend: "redis-cli CONFIG SET maxmemory BYTES   # more than now, and in the server's own configuration; or see why the journal is long",
    })
  }
  return findings
}

function lastWrites(info: ReadonlyMap<string, string>): readonly Finding[] {
  return ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status']
    .filter(name => !['ok', undefined].includes(info.get(name)))
    .map(name => ({
      severity: 'critical',
      what: `the store says ${name}: ${info.get(name)}`,
      why: 'It cannot write to its disk; what it holds now is gone with its process.',
      mend: "Read the store's log; most often its disk is full or read-only.",
    }))
}

/** A failover to a replica that is behind forgets what was answered. */
function replicas(setting: Setting, info: ReadonlyMap<string, string>): readonly Finding[] {
  const findings: Finding[] = []
  if (info.get('role') === 'slave') {
    findings.push({
      severity: 'critical',
      what: 'the address leads to a replica, which cannot write',
      why: 'Nothing can be decided.',
      mend: 'Let LEASEGATE_REDIS_URL lead to the primary.',
    })
  }
  if (replicasOf(info) > 0 && Number(setting('min-replicas-to-write') ?? 0) === 0) {
    findings.push({
      severity: 'warning',
      what: 'the store has replicas and min-replicas-to-write is 0',
      why: 'Cut off from its replicas it goes on alone, and a failover then forgets what it took.',
      mend: "redis-cli CONFIG SET min-replicas-to-write 1   # and in the server's own configuration",
    })
  }
  return findings
}

/** Reached by one address, which may lead to one of them after a failover: a Service, a proxy, a managed endpoint. */
function alone(info: ReadonlyMap<string, string>, durableReplicas: number): readonly Finding[] {
  if (replicasOf(info) === 0 || durableReplicas > 0) return []
  return [
    {
      severity: 'warning',
      what: 'the store has replicas, and LEASEGATE_REDIS_REPLICAS is 0',
      why: 'An end counts before a replica has it. One that takes over without it ends every lease of that partition.',
      mend: 'Let LEASEGATE_REDIS_REPLICAS be 1, or as many as may take over, for the broker and for commands; where none ever does, leave it.',
    },
  ]
}

function replicasOf(info: ReadonlyMap<string, string>): number {
  return Number(info.get('connected_slaves') ?? 0)
}

function mode(info: ReadonlyMap<string, string>): readonly Finding[] {
  if (info.get('cluster_enabled') !== '1') return []
  return [
    {
      severity: 'critical',
      what: 'the store runs in Cluster mode, and LEASEGATE_REDIS_CLUSTER is not yes',
      why: 'Nothing is allowed: each partition is on one of several servers, and this one has not all of them.',
      mend: 'Set LEASEGATE_REDIS_CLUSTER=yes (redis.cluster in the chart); or take one primary, with replicas and Sentinel if it has to fail over (cluster-enabled no).',
    },
  ]
}

function clock(skewMs: number): Finding {
  return {
    severity: 'error',
    what: `the store's clock differs from ours by ${Math.round(skewMs / 1000)} s`,
    why: 'Leases end at the earlier of both times.',
    mend: 'Let both machines keep time by NTP.',
  }
}
