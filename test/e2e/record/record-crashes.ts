import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { until } from '../../support/until.ts'
import type { TestEdition } from '../an-edition.ts'
import { type Sent, startLoad } from './record-load.ts'

export const VICTIMS = [
  'tap, batch in hand',
  'tap, told to stop',
  'tap',
  'authorizer-0',
  'authorizer-1',
  'envoy',
  'valkey',
] as const
export type Victim = (typeof VICTIMS)[number]

export interface Comparison {
  readonly kills: number
  /** Requests that the clients sent, and how many of them were answered. */
  readonly sent: number
  readonly answered: number
  /** Requests that the API server saw, and decisions in the record. */
  readonly audited: number
  readonly recorded: number
  /** Of the API server's requests those without a row, with several, or with a row of another identity, verb or object. */
  readonly missing: readonly string[]
  readonly double: readonly string[]
  readonly different: readonly string[]
  /** Answered requests without exactly one row, by name. */
  readonly unrecorded: readonly string[]
  /** Decisions that were inserted more than once, before the table merges its copies. */
  readonly insertedTwice: number
}

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Kills one part after the other under load, and compares the record with what the API server and the clients saw. */
export async function crash(playing: TestEdition, victims: readonly Victim[], next: () => number): Promise<Comparison> {
  const lease = await playing.lease(playing.edition.names.own, '--ttl', '15m')
  const load = await startLoad(playing, lease)
  await until('the load', () => load.sent.length > 50)
  for (const victim of victims) {
    await kill(playing, victim, lease, next)
    const before = load.sent.filter(({ status }) => status === 404).length
    await until('service', () => load.sent.filter(({ status }) => status === 404).length > before + 20)
  }
  await load.stop()
  await allRecorded(playing)
  return compare(playing, victims.length, load.sent)
}

async function kill({ supervisor, edition }: TestEdition, victim: Victim, lease: string, next: () => number) {
  if (victim === 'tap, batch in hand') {
    await batchInHand(edition.processes.redisSocket, lease)
    await supervisor.end('tap', 'SIGKILL')
    await pause(next() * 500)
    await supervisor.startAgain('tap')
    return
  }
  const name = victim === 'tap, told to stop' ? 'tap' : victim
  await pause(next() * 400)
  await supervisor.end(name, victim === name ? 'SIGKILL' : 'SIGTERM')
  await pause(next() * 300)
  await supervisor.startAgain(name)
}

/** Returns in the few milliseconds between reading items and acknowledging them. */
async function batchInHand(path: string, lease: string): Promise<void> {
  const redis = new Redis({ path })
  try {
    await until('a batch in hand', async () => {
      const pending = await redis.xpending(`${partitionPrefix(partitionOf(lease))}journal`, 'tap')
      return Number(pending[0]) > 0
    })
  } finally {
    redis.disconnect()
  }
}

/** The journal is empty, and outcomes that wait for their decisions are written. */
async function allRecorded(playing: TestEdition): Promise<void> {
  const redis = new Redis({ path: playing.edition.processes.redisSocket })
  const keys = [...Array.from({ length: 4 }, (_, n) => `${partitionPrefix(`0${n}`)}journal`), '{lg:refusals}:stream']
  const left = async () => (await Promise.all(keys.map(key => redis.xlen(key)))).reduce((sum, n) => sum + n, 0)
  await until('an empty journal', async () => (await left()) === 0, 30_000)
  redis.disconnect()
  const halves = async () => Number((await playing.sql<{ n: string }>('SELECT count() AS n FROM requests'))[0]?.n)
  let last = -1
  await until(
    'the last outcomes',
    async () => {
      const now = await halves()
      const same = now === last
      last = now
      await pause(same ? 0 : 1500)
      return same
    },
    20_000,
  )
}

interface Recorded {
  readonly audit_id: string
  readonly agent: string
  readonly lease: string
  readonly decision: string
  readonly verb: string
  readonly object: string
  readonly name: string
}

const ROWS = `SELECT audit_id, agent, lease, decision, verb, name,
  arrayStringConcat(arrayFilter(part -> part != '', [namespace, resource, subresource, name]), '/') AS object FROM requests`

async function compare(playing: TestEdition, kills: number, sent: readonly Sent[]): Promise<Comparison> {
  const rows = await playing.sql<Recorded>(ROWS)
  const byId = Map.groupBy(rows, row => row.audit_id)
  const byName = Map.groupBy(rows, row => row.name)
  const audited = (await playing.stage.audit()).filter(event => event.impersonated.startsWith('leasegate:'))
  const answered = sent.filter(({ status }) => status !== 0)
  const decided = await playing.sql<{ n: string; ids: string }>(
    'SELECT count() AS n, uniqExact(audit_id) AS ids FROM request_halves WHERE decision IS NOT NULL',
  )
  return {
    kills,
    sent: sent.length,
    answered: answered.length,
    audited: audited.length,
    recorded: rows.filter(({ decision }) => decision !== 'none').length,
    missing: audited.filter(({ auditId }) => !byId.has(auditId)).map(({ auditId }) => auditId),
    double: [...byId].filter(([, same]) => same.length > 1).map(([auditId]) => auditId),
    different: audited.flatMap(event => {
      const [row] = byId.get(event.auditId) ?? []
      if (row === undefined) return []
      const same =
        event.impersonated === `leasegate:${row.agent}` &&
        event.lease === row.lease &&
        event.verb === row.verb &&
        event.object === row.object &&
        row.decision === 'allow'
      return same ? [] : [`${event.auditId} ${event.verb} ${event.object} / ${row.verb} ${row.object} ${row.decision}`]
    }),
    // A 503 was given because the store did not answer: then there is no decision, and an outcome at best.
    unrecorded: answered
      .filter(({ status }) => status !== 503)
      .filter(({ name, wanted }) => {
        const same = byName.get(name) ?? []
        return same.length !== 1 || same[0]?.decision !== wanted
      })
      .map(({ name, status }) => `${name} ${status}: ${(byName.get(name) ?? []).map(row => row.decision).join(' ')}`),
    insertedTwice: Number(decided[0]?.n) - Number(decided[0]?.ids),
  }
}
