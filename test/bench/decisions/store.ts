// Commits a second that the store takes, and what each costs who asks for it.
import { cpuUsage, pid } from 'node:process'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { aLease, committing, creating } from '../../lease/a-lease.ts'
import { aDecision } from '../../record/a-journal-entry.ts'
import { Valkey } from '../../support/stores/valkey.ts'

/** Commits for so long with so many at once, and what that cost the client. */
const SECONDS = 5
const WARM_UP = 5000

async function measure(appendfsync: 'always' | 'everysec', concurrency: number): Promise<void> {
  const valkey = await Valkey.start({ appendfsync })
  const link = await valkey.connected()
  const ledger = new RedisLeaseLedger(link, { journalHighMark: 1e9, journalHardLimit: 1e9 })
  const lease = aLease({ expiresAt: Date.now() + 600_000 })
  await new RedisLeaseStore(link).create(creating(lease))
  const entry = JSON.stringify(aDecision({ lease: lease.id }))
  const waits: number[] = []
  const commitOne = async (): Promise<void> => {
    const from = performance.now()
    const told = await ledger.commit(committing(lease, { intent: { kind: 'allow', take: ['requests'] }, entry }))
    if (told.kind !== 'allowed') throw new Error(`the store said ${told.kind}`)
    waits.push(performance.now() - from)
  }
  const commitWhile = (more: () => boolean) =>
    Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (more()) await commitOne()
      }),
    )
  await commitWhile(() => waits.length < WARM_UP)
  waits.length = 0
  const [before, from] = [cpuUsage(), performance.now()]
  await commitWhile(() => performance.now() - from < SECONDS * 1000)
  const { user, system } = cpuUsage(before)
  const perSecond = (waits.length / (performance.now() - from)) * 1000
  const bytes = await link.ask('memory', redis => redis.memory('USAGE', '{lg:00}:journal', 'SAMPLES', 0))
  report({ appendfsync, concurrency, perSecond, cpuUs: (user + system) / waits.length, waits })
  if (bytes !== null) console.log(`  journal: ${Math.round(Number(bytes) / (waits.length + WARM_UP))} bytes an entry`)
  await valkey.stop()
}

interface Measured {
  readonly appendfsync: string
  readonly concurrency: number
  readonly perSecond: number
  readonly cpuUs: number
  readonly waits: number[]
}

function report({ appendfsync, concurrency, perSecond, cpuUs, waits }: Measured): void {
  waits.sort((a, b) => a - b)
  const at = (share: number) => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(2)
  console.log(
    `${appendfsync}, ${concurrency} at once: ${Math.round(perSecond)} commits/s, ${cpuUs.toFixed(1)} µs of client CPU each,`,
    `${at(0.5)} ms median, ${at(0.99)} ms p99`,
  )
}

console.log(`process ${pid}, ${SECONDS} s each`)
for (const appendfsync of ['everysec', 'always'] as const) {
  for (const concurrency of [1, 50, 200]) await measure(appendfsync, concurrency)
}
