import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GoOracle } from '../support/programs/go-oracle.ts'
import { fuzz, type Target } from './fuzz.ts'
import { journalTarget } from './journal-target.ts'
import { requestTarget } from './request-target.ts'
import { tokenTarget } from './token-target.ts'
import { tunnelTarget } from './tunnel-target.ts'
import { wireTarget } from './wire-target.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const FOR_MS = 1500
const BUILDING_MS = 600_000

let oracle: GoOracle

beforeAll(async () => {
  console.log(`seed of the fuzzing: ${seed}`)
  oracle = await GoOracle.start()
}, BUILDING_MS)

afterAll(() => oracle.stop())

const aTarget = (run: Target['run']): Target => ({ name: 'example', seeds: [Buffer.from('example')], run })
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('fuzz', () => {
  test.each([
    { name: 'requests', target: async () => requestTarget(oracle) },
    { name: 'tokens', target: tokenTarget },
    { name: "Envoy's messages", target: async () => wireTarget() },
    { name: 'journal items', target: async () => journalTarget() },
    { name: 'tunnels of sessions', target: async () => tunnelTarget() },
  ])('finds nothing in $name', async ({ target }) => {
    const { kinds } = await fuzz(await target(), { seed, forMs: FOR_MS, atLeastRuns: 2000 })
    expect(kinds).toBeGreaterThan(10)
  })

  test('finds what throws, and shows no more of it than is needed', async () => {
    const throwing = aTarget(bytes => {
      if (text(bytes).includes('%')) throw new Error('a percent sign')
      return text(bytes).slice(0, 3)
    })
    await expect(fuzz(throwing, { seed, forMs: 20_000 })).rejects.toThrow('example fails on "%" (base64 JQ==)')
  })

  test('finds what grows faster than its input', async () => {
    const quadratic = aTarget(bytes => {
      let count = 0
      for (let from = 0; from < bytes.length; from += 1) {
        for (let to = from; to < bytes.length; to += 8) count += bytes[to] ?? 0
      }
      return String(count % 7)
    })
    await expect(fuzz(quadratic, { seed, forMs: 20_000 })).rejects.toThrow('example grows on')
  })
})
