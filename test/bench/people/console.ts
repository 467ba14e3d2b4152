// The inbox of the console and one answer, with many questions open.
import { randomBytes } from 'node:crypto'
import { cpuUsage } from 'node:process'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { type Browser, field } from '../../broker/console/browser.ts'
import { ConsoleWorld } from '../../broker/console/console-world.ts'
import { aLease, asking, creating } from '../../lease/a-lease.ts'

/*
 * The inbox and one answer, as a browser asks for them, with so many questions open; over a socket, with a real store that syncs as it does
 * by default. What a browser draws is not in it. Each agent asks as many as it may in a minute.
 */
const OPEN = 10_000
const TIMES = 100

const world = await ConsoleWorld.start()
const { link } = world.broker
const ledger = new RedisLeaseLedger(link)
const store = new RedisLeaseStore(link)

async function fill(): Promise<number> {
  const each = LIMITS.questionsOfLease
  let asked = 0
  for (let agent = 0; asked < OPEN; agent++) {
    const lease = aLease({ agent: `agent-${agent}`, expiresAt: Date.now() + 3_600_000 })
    await store.create(creating(lease))
    const all = Array.from({ length: Math.min(each, OPEN - asked) }, () => {
      const one = asking(lease, randomBytes(32).toString('hex'), newApprovalId(lease.id))
      return ledger.commit({ ...one, intent: { ...one.intent, askMs: 3_600_000 } as typeof one.intent })
    })
    for (const told of await Promise.all(all))
      if (told.kind !== 'pending') throw new Error(`asked, and got ${told.kind}`)
    asked += all.length
  }
  return asked
}

async function timed(doing: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await doing()
  return performance.now() - from
}

function report(what: string, waits: readonly number[]): void {
  const sorted = waits.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  console.log(`${what}: ${at(0.5)} ms median, ${at(0.99)} ms p99, ${at(1)} ms at most`)
}

async function inbox(browser: Browser, path = '/console'): Promise<void> {
  const { status, text } = await browser.get(path)
  if (status !== 200 || !text.includes('More questions'))
    throw new Error(`the inbox answered ${status}: ${world.broker.logged.at(-1)}`)
}

async function answer(browser: Browser): Promise<readonly [question: number, yes: number]> {
  const id = await world.pending()
  let page = await browser.get('/console')
  const question = await timed(async () => {
    page = await browser.get(`/console/approvals/${id}`)
  })
  const form = { 'form-token': field(page, 'form-token'), digest: field(page, 'digest'), verdict: 'approved' }
  const yes = await timed(async () => {
    const { status } = await browser.once(`/console/approvals/${id}`, { method: 'POST', form })
    if (status !== 303) throw new Error(`the answer was answered ${status}`)
  })
  return [question, yes]
}

const browser = await world.signedIn('hana')
console.log(`${await fill()} questions open`)
await inbox(browser)
const waits: number[] = []
const before = cpuUsage()
for (let n = 0; n < TIMES; n++) waits.push(await timed(() => inbox(browser)))
const { user, system } = cpuUsage(before)
report('inbox', waits)
console.log(`  ${((user + system) / 1000 / TIMES).toFixed(1)} ms of CPU each, broker and browser in one process`)
const answers: (readonly [number, number])[] = []
for (let n = 0; n < 15; n++) answers.push(await answer(browser))
report(
  'a question',
  answers.map(([question]) => question),
)
report(
  'its answer',
  answers.map(([, yes]) => yes),
)
await world.stop()
