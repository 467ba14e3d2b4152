import { describe, expect, test } from 'vitest'
import type { QueryResult, QueryRunner } from '../../../../src/record/queries/run-query.ts'
import { stretched } from '../../../support/until.ts'
import { recordOf } from '../a-record.ts'

/** Answers when the test says so. */
function scripted() {
  const asked: PromiseWithResolvers<QueryResult>[] = []
  const run: QueryRunner = () => {
    const one = Promise.withResolvers<QueryResult>()
    asked.push(one)
    return one.promise
  }
  return { asked, run }
}

const answer = (value: string): QueryResult => ({ columns: [{ name: 'what', type: 'String' }], rows: [[value]] })
const told = (value: string) => ({ kind: 'rows', rows: [{ what: value }] })
const ask = { name: 'lease-timeline' as const, params: { lease: 'lse_1' } }

describe('boundedRecord', () => {
  test('asks the same question once, however many pages want it, and again when the answer is old', async () => {
    const { asked, run } = scripted()
    let now = 0
    const record = recordOf(run, () => now)
    const pages = [record.ask(ask.name, ask.params), record.ask(ask.name, ask.params)]
    asked[0]?.resolve(answer('one'))
    expect(await Promise.all(pages)).toEqual([told('one'), told('one')])
    now = 4000
    expect(await record.ask(ask.name, ask.params)).toEqual(told('one'))
    expect(asked.length).toBe(1)
    now = 6000
    const later = record.ask(ask.name, ask.params)
    asked[1]?.resolve(answer('two'))
    expect(await later).toEqual(told('two'))
  })

  test('lets no page wait for a record that is slow: what was told last stands in, and what comes late is there the next time', async () => {
    const { asked, run } = scripted()
    let now = 0
    const record = recordOf(run, () => now)
    expect(await record.ask(ask.name, ask.params)).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('not answered yet'),
    })
    asked[0]?.resolve(answer('late'))
    await expect.poll(() => record.ask(ask.name, ask.params)).toEqual(told('late'))
    now = 6000
    expect(await record.ask(ask.name, ask.params)).toEqual(told('late'))
    now = 66_000
    expect(await record.ask(ask.name, ask.params)).toMatchObject({ kind: 'none' })
    expect(asked.length).toBe(2)
  })

  test('has a few questions open at once, and says so to the others at once, until one of them has really ended', async () => {
    const { asked, run } = scripted()
    const record = recordOf(run)
    const waiting = Array.from({ length: 4 }, (_, index) => record.ask('lease-timeline', { lease: String(index) }))
    const began = performance.now()
    expect(await record.ask('lease-timeline', { lease: 'more' })).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('busy'),
    })
    expect(performance.now() - began).toBeLessThan(stretched(500))
    expect(await Promise.all(waiting)).toMatchObject(Array(4).fill({ kind: 'none' }))
    // Given up by the pages, and still running there.
    expect(await record.ask('lease-timeline', { lease: 'more' })).toMatchObject({
      why: expect.stringContaining('busy'),
    })
    asked[0]?.reject(new Error('ended'))
    await expect.poll(() => asked.length > 4 || record.ask('lease-timeline', { lease: 'more' })).toBe(true)
  })

  test('a record that is away is asked again after a while, not by each page', async () => {
    let calls = 0
    let now = 0
    const record = recordOf(
      async () => {
        calls++
        throw new Error('connect ECONNREFUSED 10.0.0.9:8123')
      },
      () => now,
    )
    const why = { kind: 'none', why: expect.not.stringContaining('10.0.0.9') }
    expect(await record.ask(ask.name, ask.params)).toMatchObject(why)
    expect(await record.ask(ask.name, ask.params)).toMatchObject(why)
    expect(calls).toBe(1)
    now = 6000
    await record.ask(ask.name, ask.params)
    expect(calls).toBe(2)
  })
})
