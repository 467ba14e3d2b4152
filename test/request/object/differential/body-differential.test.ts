import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GoOracle } from '../../../support/programs/go-oracle.ts'
import { pieces, value } from './arbitrary-yaml.ts'
import { assertSameBodies, compareBody } from './body-differential.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const BUILDING_MS = 600_000

let oracle: GoOracle

beforeAll(async () => {
  console.log(`seed of the generated bodies: ${seed}`)
  oracle = await GoOracle.start()
}, BUILDING_MS)

afterAll(() => oracle.stop())

describe('readObject', () => {
  test('reads generated bodies as the API server decodes them, or not at all', async () => {
    const counts = await assertSameBodies(oracle, { seed, numRuns: 6000 })
    // Reading nothing would agree too.
    expect(counts.same / (counts.same + counts.unreadable + counts.undecoded)).toBeGreaterThan(0.3)
  })

  test('reads texts in YAML as the API server decodes them, or not at all', async () => {
    const object = fc
      .tuple(fc.oneof(value, pieces), fc.oneof(value, pieces), fc.constantFrom('name', '"uid"', 'generateName'))
      .map(([one, two, field]) => `metadata:\n  ${field}: ${one}\n  namespace: ${two}\n`)
    const contentType = 'application/yaml'
    let same = 0
    const agrees = fc.asyncProperty(fc.array(object, { minLength: 50, maxLength: 50 }), async texts => {
      const questions = texts.map(text => ({ contentType, body: Buffer.from(text) }))
      const answers = await oracle.askBodies(questions)
      for (const [at, question] of questions.entries()) {
        if (compareBody(question, answers[at]) === 'same') same += 1
      }
    })
    await fc.assert(agrees, { seed, numRuns: 100 })
    expect(same).toBeGreaterThan(300)
  })
})
