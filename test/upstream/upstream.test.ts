import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { anUpstreamEdition, type UpstreamEdition } from './an-upstream-edition.ts'
import { CHOSEN } from './chosen.ts'
import { REASONS } from './reasons.ts'
import { readResults, UNEXPLAINED } from './results.ts'
import { buildSuite, type Outcome, runTests } from './suite.ts'

const WITHIN_MS = 600_000

describe('the list of results', () => {
  const listed = Object.values(readResults()).flat()
  const direct = listed.filter(each => each.direct === 'passed')

  test('says why a test that passes directly does not pass through the boundary', () => {
    const failed = direct.filter(({ through }) => through !== 'passed')
    expect(failed.filter(({ why = UNEXPLAINED }) => why.startsWith(UNEXPLAINED))).toEqual([])
    expect(failed.map(({ name }) => name).sort()).toEqual(Object.keys(REASONS).sort())
  })

  test('has all that are tried each time as passing both ways', () => {
    const both = new Set(direct.filter(({ through }) => through === 'passed').map(({ name }) => name))
    expect(CHOSEN.filter(name => !both.has(name))).toEqual([])
  })
})

describe("Kubernetes' own tests, through the boundary", () => {
  let edition: UpstreamEdition
  let outcomes: ReadonlyMap<string, Outcome>

  beforeAll(async () => {
    const { kubectl } = await ensureToolchain(() => undefined)
    const program = await buildSuite()
    edition = await anUpstreamEdition()
    outcomes = await runTests(program, CHOSEN, { kubeconfig: edition.through, kubectl, withinMs: WITHIN_MS })
  }, WITHIN_MS + 300_000)
  afterAll(() => edition?.playing.stop())

  test.each(CHOSEN)('%s', name => {
    expect(outcomes.get(name)).toEqual({ state: 'passed', said: '' })
  })
})
