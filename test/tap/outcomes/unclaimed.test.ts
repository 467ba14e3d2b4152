import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../../src/record/outcome.ts'
import type { RowKey } from '../../../src/record/row-key.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { Unclaimed } from '../../../src/tap/outcomes/unclaimed.ts'
import { decision, outcome } from '../../record/entries.ts'

const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
const orphan = (requestId: string): Outcome => outcome(decision(), { key: null, requestId, status: 503 })
const keyOf = (auditId: string): RowKey => ({ auditId, decidedAt: 7, agent: 'fixer', lease: 'lse_1' })

function start(known: readonly string[], maxHeld = 100) {
  const written: Outcome[] = []
  const asked: string[][] = []
  const record = { away: false }
  const findKeys = async (ids: readonly string[]) => {
    asked.push([...ids])
    if (record.away) throw new Error('away')
    return new Map(ids.filter(id => known.includes(id)).map(id => [id, keyOf(id)]))
  }
  const unclaimed = new Unclaimed(findKeys, { holdMs: 0, maxHeld }, one => void written.push(one), log)
  return { unclaimed, written, asked, record }
}

const soon = () => Date.now() + 1

describe('Unclaimed', () => {
  test('an outcome takes the key of its decision, and keeps a row of its own where there is none', async () => {
    const { unclaimed, written } = start(['a'])
    unclaimed.hold(orphan('a'))
    unclaimed.hold(orphan('b'))
    await unclaimed.settle(soon())
    expect(written.map(({ key, requestId }) => ({ key, requestId }))).toEqual([
      { key: keyOf('a'), requestId: 'a' },
      { key: null, requestId: 'b' },
    ])
    expect(unclaimed).toMatchObject({ held: 0, claimed: 1 })
  })

  test('waits for what was journaled before it', async () => {
    const { unclaimed, written, asked } = start(['a'])
    const before = Date.now() - 1
    unclaimed.hold(orphan('a'))
    await unclaimed.settle(before)
    expect({ written, asked }).toEqual({ written: [], asked: [] })
  })

  test('waits on while the record does not answer, and is written all the same at a stop', async () => {
    const { unclaimed, written, record } = start(['a'])
    record.away = true
    unclaimed.hold(orphan('a'))
    await unclaimed.settle(soon())
    expect(unclaimed.held).toBe(1)
    await unclaimed.release()
    expect(written).toMatchObject([{ key: null }])
  })

  test('takes so many and no more', async () => {
    const { unclaimed, written } = start(['a', 'b'], 1)
    unclaimed.hold(orphan('a'))
    unclaimed.hold(orphan('b'))
    expect(written).toMatchObject([{ requestId: 'b', key: null }])
  })

  test('what comes while the record is asked waits for the next time', async () => {
    const { unclaimed, written } = start(['a', 'b'])
    unclaimed.hold(orphan('a'))
    const settling = unclaimed.settle(soon())
    unclaimed.hold(orphan('b'))
    await settling
    expect({ written: written.map(({ requestId }) => requestId), held: unclaimed.held }).toEqual({
      written: ['a'],
      held: 1,
    })
  })

  test('settles in time that grows with their number, and not with its square', async () => {
    const took = async (count: number): Promise<number> => {
      const { unclaimed } = start([], count)
      for (let each = 0; each < count; each += 1) unclaimed.hold(orphan(`o-${each}`))
      const from = process.threadCpuUsage()
      await unclaimed.settle(soon())
      const { user, system } = process.threadCpuUsage(from)
      return (user + system) / 1000
    }
    await took(1000)
    const [few, many] = [Math.min(await took(5000), await took(5000)), Math.min(await took(40_000), await took(40_000))]
    // Eight times as many: sixty-four times the time for a square.
    expect(many).toBeLessThan(Math.max(few, 2) * 28)
  })
})
