import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { choose, findBenchmarks, listed } from './testing/benchmarks.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

/** The benchmarks that are named, one after the other, as in `npm run bench -- check tap 40000`; without a name, what there is. */
const benchmarks = await findBenchmarks(join(import.meta.dirname, '../test/bench'))
const words = process.argv.slice(2)
const chosen = choose(words, benchmarks)
if (typeof chosen === 'string') {
  process.stderr.write(`leasegate: there is no benchmark "${chosen}"\n${listed(benchmarks)}`)
  process.exitCode = 1
} else if (chosen.length === 0) {
  process.stdout.write(listed(benchmarks))
} else {
  await ensureToolchain(line => process.stdout.write(`${line}\n`))
  for (const { benchmark, args } of chosen) {
    process.stdout.write(`\n${benchmark.name}\n`)
    const running = spawn(process.execPath, [benchmark.file, ...args], { stdio: 'inherit' })
    const [code] = await once(running, 'exit')
    if (code !== 0) process.exitCode = 1
  }
}
