import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import { lackingPython, type PythonPackages } from '../../support/programs/python-packages.ts'
import { BatchWorld } from '../batches/a-batch-world.ts'
import { ensureSchemathesis, type Fuzzing, fuzzApi, NOT_HERE, PYTHON_MINOR } from './fuzz-api.ts'

const lacking = await lackingPython(PYTHON_MINOR)

/** By which all that is wanted below is drawn; a description that changes draws others. */
const SEED = 22

/** Of each caller: answers that have to be among those that came, or it tried nothing. */
const CALLERS: readonly (Pick<Fuzzing, 'who' | 'examples' | 'phases'> & { readonly done: readonly string[] })[] = [
  {
    who: 'web-operator',
    examples: 3,
    done: [
      'issueLease 201',
      'issueLeaseToken 200',
      'planRequests 200',
      'endLease 200',
      'whatWasDone 200',
      'explainRequest 404',
    ],
  },
  {
    who: 'hana',
    examples: 8,
    phases: ['fuzzing', 'stateful'],
    done: ['getApproval 200', 'reject 200', 'watchLease 201', 'leaveWatch 200'],
  },
  {
    who: 'root',
    examples: 8,
    phases: ['fuzzing', 'stateful'],
    done: ['holdAgent 201', 'releaseAgent 200', 'actOnLeases 201'],
  },
]

describe.skipIf(lacking !== null)(`${lacking === null ? '' : `${NOT_TRIED}${lacking}: `}the API`, () => {
  let schemathesis: PythonPackages
  beforeAll(async () => {
    schemathesis = await ensureSchemathesis(line => void process.stderr.write(`${line}\n`))
  }, 600_000)

  describe.each(CALLERS)('fuzzed by its own description, as $who', ({ who, done, examples, phases }) => {
    let world: BatchWorld
    beforeAll(async () => {
      world = await BatchWorld.start()
    })
    afterAll(() => world.stop())

    test('answers as described, breaks nowhere, lets nobody in without a token', { timeout: 240_000 }, async () => {
      const fuzzing = { who, seed: SEED, examples, without: NOT_HERE, ...(phases && { phases }) }
      const { code, said, answers } = await fuzzApi(world, schemathesis, fuzzing)
      expect(code, said).toBe(0)
      for (const answer of done) expect([...answers.keys()]).toContain(answer)
    })
  })
})
