// CPU of a decision, and of a question, while ten thousand questions wait, beside a store in which one does.
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { asking } from '../../lease/a-lease.ts'
import { cpuMicros } from '../decisions/check/process-use.ts'
import { MANY } from '../decisions/check/world.ts'
import { beside, warm } from './house/beside.ts'
import { aHouse, type House } from './house/house.ts'

/* All of one agent, which no other limit than that of its lease's questions keeps apart: more than any may have. */
const WAITING = 10_000
const AT_ONCE = 50
const SAMPLE = 500
const limits = { ...LIMITS, questionsOfLease: MANY, questionsOfAgent: MANY, questionsPerMinute: MANY }
const DAY_MS = 86_400_000

const small = { house: await aHouse() }
const large = { house: await aHouse() }
try {
  await ask(small.house, 1)
  await ask(large.house, WAITING)
  await warm(small)
  await warm(large)
  await beside(`${WAITING} questions`, large, small)
  const [of, beside1] = [await microsOfAsking(large.house), await microsOfAsking(small.house)]
  console.log(
    `one more question: store ${(of / beside1).toFixed(2)} times (${of.toFixed(0)} and ${beside1.toFixed(0)} µs)`,
  )
} finally {
  await Promise.all([small.house.stop(), large.house.stop()])
}

async function microsOfAsking(house: House): Promise<number> {
  const before = cpuMicros(house.valkey.pid)
  await ask(house, SAMPLE)
  return (cpuMicros(house.valkey.pid) - before) / SAMPLE
}

async function ask({ valkey, world }: House, count: number): Promise<void> {
  const link = await valkey.connected()
  const ledger = new RedisLeaseLedger(link, { limits, journalHighMark: MANY, journalHardLimit: MANY })
  let asked = 0
  const one = async (): Promise<void> => {
    const id = newApprovalId(world.lease.id)
    const commit = asking(world.lease, id, id)
    const intent = { ...commit.intent, askMs: DAY_MS }
    const { kind } = await ledger.commit({ ...commit, intent } as typeof commit)
    if (kind !== 'pending') throw new Error(`asked, and got ${kind}`)
  }
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
      while (asked++ < count) await one()
    }),
  )
  link.close()
}
