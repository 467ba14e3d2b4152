import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { CHOSEN_CLIENTS } from '../test/clients/matrix/chosen.ts'
import { WRITE_RESULTS } from '../test/clients/matrix/results.ts'
import { buildTestPrograms } from '../test/support/programs.ts'
import { run } from './process/run.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

const ROOT = join(import.meta.dirname, '..')

/** Tries all clients, or those whose names begin as the arguments say, and writes what they were seen to do into results.json and the page about clients. */
const report = (line: string) => void process.stdout.write(`${line}\n`)
await ensureToolchain(report)
await buildTestPrograms(report)
const tests = spawn(join(ROOT, 'node_modules/.bin/vitest'), ['run', 'test/clients/matrix/matrix'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, [WRITE_RESULTS]: '1', [CHOSEN_CLIENTS]: process.argv.slice(2).join(',') },
})
process.exitCode = await new Promise<number>(resolve => tests.once('close', code => resolve(code ?? 128)))
const { stderr } = await run(process.execPath, [join(ROOT, 'test/clients/matrix/page.ts')])
process.stderr.write(stderr)
