import { fuzz, type Target } from '../fuzz/fuzz.ts'
import { journalTarget } from '../fuzz/journal-target.ts'
import { requestTarget } from '../fuzz/request-target.ts'
import { tokenTarget } from '../fuzz/token-target.ts'
import { tunnelTarget } from '../fuzz/tunnel-target.ts'
import { wireTarget } from '../fuzz/wire-target.ts'
import { GoOracle } from '../support/programs/go-oracle.ts'

/** Seconds for each target (FUZZ_SECONDS says the same), the seed to repeat a run with, and a target's name for it alone. */
const [seconds = process.env['FUZZ_SECONDS'] ?? '60', given = Math.floor(Math.random() * 2 ** 31), only = ''] =
  process.argv.slice(2)
const seed = Number(given)

const oracle = await GoOracle.start()
try {
  const targets: readonly Target[] = [
    requestTarget(oracle),
    await tokenTarget(),
    wireTarget(),
    journalTarget(),
    tunnelTarget(),
  ]
  for (const target of targets.filter(({ name }) => only === '' || name === only)) {
    const { runs, kinds } = await fuzz(target, { seed, forMs: Number(seconds) * 1000 })
    console.log(`${target.name}: ${runs} inputs of ${kinds} kinds in ${seconds} s, seed ${seed}, no finding`)
  }
} finally {
  await oracle.stop()
}
