import { BatchWorld } from '../broker/batches/a-batch-world.ts'
import { ensureSchemathesis, fuzzApi, NOT_HERE, PYTHON_MINOR } from '../broker/fuzz/fuzz-api.ts'
import { lackingPython } from '../support/programs/python-packages.ts'

/** Requests of each operation and caller (FUZZ_EXAMPLES says the same), the seed to repeat a run with, and one caller alone. */
const [examples = process.env['FUZZ_EXAMPLES'] ?? '200', given = Math.floor(Math.random() * 2 ** 31), only = ''] =
  process.argv.slice(2)
const seed = Number(given)

const lacking = await lackingPython(PYTHON_MINOR)
if (lacking === null) await fuzzAll()
else console.log(`not tried: ${lacking}`)

async function fuzzAll(): Promise<void> {
  const schemathesis = await ensureSchemathesis(line => console.log(line))
  for (const who of ['web-operator', 'hana', 'root', 'oncall'].filter(one => only === '' || one === only)) {
    const world = await BatchWorld.start()
    try {
      const fuzzing = { who, seed, examples: Number(examples), without: NOT_HERE }
      const { code, said, answers } = await fuzzApi(world, schemathesis, fuzzing)
      if (code !== 0) throw new Error(said)
      const all = [...answers.values()].reduce((sum, count) => sum + count, 0)
      console.log(`as ${who}: ${all} requests, ${answers.size} kinds of answers, seed ${seed}, no finding`)
    } finally {
      await world.stop()
    }
  }
}
