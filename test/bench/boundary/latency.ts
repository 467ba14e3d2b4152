// One request's way with times, beside the same straight to the API server.
import { request } from 'node:http'
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { healthSocket } from '../../../local/edition/processes.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { aBoundary } from '../../attacks/a-boundary.ts'
import { committing } from '../../lease/a-lease.ts'
import { aDecision } from '../../record/a-journal-entry.ts'
import { until } from '../../support/until.ts'
import { again, median, quantile } from '../decisions/check/round.ts'
import { OBJECTS, realApiServer } from './latency/api-server.ts'
import { type Ask, Client } from './latency/client.ts'
import { type Stages, tapOfStages } from './latency/stages.ts'

/*
 * One request's way with times: a read and a write of the real API server through real Envoy, two authorizers and Valkey with appendfsync
 * always, beside the same straight to the API server, by turns. What is in Envoy is by Envoy's own clock (its access log), what is in the
 * authorizer by that one's (its metrics); the client measures the whole. Each number is the median of the rounds' means, so that those of
 * one way can be added up; p50 and p99 are of all requests. docs/performance.md has the method and what it said.
 * npm run bench -- latency [rounds; default 9]
 */
const ROUNDS = Number(process.argv[2] ?? 9)
const IN_A_ROUND = 100
const WARM_UP = 600
const MANY = 1e9
/** Its token is good for as long as any may be. */
const LONG_MS = 3_600_000
/** Envoy tells five times a second. */
const QUIET_MS = 500
const ACCESS_LOG_MS = 120_000

const CONFIGMAPS = '/api/v1/namespaces/dev/configmaps'
let turn = 0
/** Another change each time, for a patch that changes nothing is not written; of another object, for many patches of one are a conflict. */
const WRITE: Ask = {
  method: 'PATCH',
  path: () => `${CONFIGMAPS}/${OBJECTS[turn % OBJECTS.length]}`,
  headers: { 'content-type': 'application/merge-patch+json' },
  body: () => JSON.stringify({ data: { turn: String(turn++) } }),
}
const ASKS: Readonly<Record<string, Ask>> = {
  'a read': { method: 'GET', path: () => `${CONFIGMAPS}/${OBJECTS[0]}`, headers: {}, body: () => '' },
  'a write': WRITE,
}

const stages: Stages[] = []
const apiServer = await realApiServer()
const boundary = await aBoundary({ apiServer: apiServer.settings, addTap: tapOfStages(each => void stages.push(each)) })
try {
  const direct = new Client(apiServer.server, apiServer.credentials, null)
  const ledger = new RedisLeaseLedger(await boundary.valkey.connected(), {
    journalHighMark: MANY,
    journalHardLimit: MANY,
  })
  for (const [name, ask] of Object.entries(ASKS)) {
    const { token, lease } = await boundary.token('everything', { expiresAt: Date.now() + LONG_MS })
    const through = new Client(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false }, token)
    const sides = { direct, through, ledger, lease }
    for (const client of [direct, through]) await again(() => client.closed(ask, WARM_UP, 8))
    await report(`${name}, one client`, sides, client => client.closed(ask, IN_A_ROUND, 1))
    const half = await again(async () => {
      const from = performance.now()
      await through.closed(ask, WARM_UP, 32)
      return Math.round((WARM_UP * 500) / (performance.now() - from))
    })
    await report(`${name}, ${half} a second: half of what it can do`, sides, client =>
      client.open(ask, 2 * IN_A_ROUND, half),
    )
    through.close()
  }
  direct.close()
} finally {
  await boundary.stop()
  await apiServer.stop()
}

interface Sides {
  readonly direct: Client
  readonly through: Client
  readonly ledger: RedisLeaseLedger
  readonly lease: Lease
}

async function report(
  name: string,
  { direct, through, ledger, lease }: Sides,
  run: (client: Client) => Promise<number[]>,
): Promise<void> {
  const all: { readonly direct: number[]; readonly through: number[] } = { direct: [], through: [] }
  const rows: Readonly<Record<string, number>>[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    await again(async () => {
      const straight = await run(direct)
      await until('Envoy to have told all', isQuiet)
      const [before, asked] = [await inAuthorizers(), stages.length]
      const waits = await run(through)
      await until('the access log', () => stages.length >= asked + waits.length, ACCESS_LOG_MS)
      const authorizer = ((await inAuthorizers()) - before) / waits.length
      const store = meanOf(await commits(ledger, lease))
      rows.push(toRow({ straight, waits, stages: stages.slice(asked), authorizer, store }))
      all.direct.push(...straight)
      all.through.push(...waits)
    })
  }
  print(name, rows, all)
}

/** What the store takes for one after the other, asked from here. */
async function commits(ledger: RedisLeaseLedger, lease: Lease): Promise<readonly number[]> {
  const entry = JSON.stringify(aDecision({ lease: lease.id }))
  const waits: number[] = []
  while (waits.length < IN_A_ROUND) {
    const from = performance.now()
    const told = await ledger.commit(committing(lease, { intent: { kind: 'allow', take: ['requests'] }, entry }))
    if (told.kind !== 'allowed') throw new Error(`the store said ${told.kind}`)
    waits.push(performance.now() - from)
  }
  return waits
}

/** Of a round that ended early, entries may still come. */
async function isQuiet(): Promise<boolean> {
  const before = stages.length
  await pause(QUIET_MS)
  return stages.length === before
}

interface Round {
  readonly straight: readonly number[]
  readonly waits: readonly number[]
  readonly stages: readonly Stages[]
  /** Milliseconds of a request, the store with it. */
  readonly authorizer: number
  readonly store: number
}

function toRow({ straight, waits, stages, authorizer, store }: Round): Readonly<Record<string, number>> {
  const [boundaryMs, apiServerMs, back] = (['boundary', 'apiServer', 'back'] as const).map(stage =>
    meanOf(stages.map(found => found[stage])),
  ) as [number, number, number]
  return {
    direct: meanOf(straight),
    through: meanOf(waits),
    'client and its connection': meanOf(waits) - boundaryMs - apiServerMs - back,
    'Envoy, and to the authorizer and back': boundaryMs - authorizer,
    authorizer: authorizer - store,
    'the store, its disk included': store,
    'API server': apiServerMs,
    'the answer': back,
  }
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length
}

/** Milliseconds that checks were in the authorizers since they began. */
async function inAuthorizers(): Promise<number> {
  const texts = await Promise.all(
    boundary.authorizerPids.map((_, at) => metricsOf(healthSocket(boundary, `authorizer-${at}`))),
  )
  const sums = texts.map(text => Number(/^leasegate_check_duration_seconds_sum (\S+)$/m.exec(text)?.[1]))
  return sums.reduce((sum, each) => sum + each, 0) * 1000
}

function metricsOf(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: '/metrics' }, async answer => {
      resolve((await answer.setEncoding('utf8').toArray()).join(''))
    })
    asking.once('error', reject)
    asking.end()
  })
}

function print(
  name: string,
  rows: readonly Readonly<Record<string, number>>[],
  { direct, through }: { readonly direct: readonly number[]; readonly through: readonly number[] },
): void {
  const shown = (ms: number) => ms.toFixed(2)
  const of = (stage: string) => median(rows.map(row => row[stage] ?? Number.NaN))
  const at = (waits: readonly number[], share: number) =>
    quantile(
      waits.toSorted((a, b) => a - b),
      share,
    )
  console.log(`\n${name} (load ${loadavg()[0]?.toFixed(1)})`)
  for (const stage of Object.keys(rows[0] ?? {})) console.log(`${shown(of(stage)).padStart(8)}  ${stage}`)
  const added = (share: number) => shown(at(through, share) - at(direct, share))
  console.log(
    `p50 ${shown(at(direct, 0.5))} direct, ${shown(at(through, 0.5))} through: ${added(0.5)} more, ${(at(through, 0.5) / at(direct, 0.5)).toFixed(1)} times; p99 ${shown(at(direct, 0.99))}, ${shown(at(through, 0.99))}: ${added(0.99)} more`,
  )
}
