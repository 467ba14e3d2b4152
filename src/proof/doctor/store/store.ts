import type { StoreState } from '../../../redis/read-store.ts'
import type { Finding } from '../../report.ts'
import type { Examination } from '../examined.ts'

const SKEW_LIMIT_MS = 2000
const MEMORY_LIMIT = 0.75

/** Leases, revocations and the journal live here: what it forgets, nobody knows. */
export function judgeStore({ skewMs, config, info }: StoreState, durability: 'always' | 'everysec'): Examination {
  const setting = (name: string) => config.get(name)
  const findings = [
    ...persistence(setting, durability),
    ...memory(setting, info),
    ...lastWrites(info),
    ...replicas(setting, info),
    ...(Math.abs(skewMs) > SKEW_LIMIT_MS ? [clock(skewMs)] : []),
  ]
  const told = ['appendonly', 'appendfsync', 'maxmemory-policy'].map(name => `${name} ${setting(name) ?? 'not told'}`)
  return {
    tried: ['CONFIG GET, INFO and TIME of the store'],
    seen: [
      `${info.get('valkey_version') ?? info.get('redis_version') ?? 'a version it does not tell'}, ${told.join(', ')}`,
    ],
    findings,
  }
}

type Setting = (name: string) => string | undefined

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
  if (Number(info.get('connected_slaves') ?? 0) > 0 && Number(setting('min-replicas-to-write') ?? 0) === 0) {
    findings.push({
      severity: 'warning',
      what: 'the store has replicas and min-replicas-to-write is 0',
      why: 'Cut off from its replicas it goes on alone, and a failover then forgets what it took.',
      mend: "redis-cli CONFIG SET min-replicas-to-write 1   # and in the server's own configuration",
    })
  }
  return findings
}

function clock(skewMs: number): Finding {
  return {
    severity: 'error',
    what: `the store's clock differs from ours by ${Math.round(skewMs / 1000)} s`,
    why: 'Leases end at the earlier of both times.',
    mend: 'Let both machines keep time by NTP.',
  }
}
