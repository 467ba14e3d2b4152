import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { CHOSEN_CLIENTS, isChosen } from '../test/clients/matrix/chosen.ts'
import { CLIENTS } from '../test/clients/matrix/clients.ts'
import { WRITE_RESULTS } from '../test/clients/matrix/results.ts'
import { TOOLS } from '../test/clients/tools/tools.ts'
import { buildTestPrograms } from '../test/support/programs/programs.ts'
import { run } from './process/run.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

const ROOT = join(import.meta.dirname, '..')

/** Of all clients and tools, or of those whose names begin as the arguments say. */
const names = process.argv.slice(2).join(',')
const clients = CLIENTS.filter(client => isChosen(client, names))
const tools = TOOLS.filter(({ id }) => isChosen({ id, often: false }, names))

async function vitest(...args: readonly string[]): Promise<void> {
  const child = spawn(join(ROOT, 'node_modules/.bin/vitest'), ['run', ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, [WRITE_RESULTS]: '1', [CHOSEN_CLIENTS]: names },
  })
  const code = await new Promise<number>(resolve => child.once('close', end => resolve(end ?? 128)))
  if (code !== 0) process.exitCode = code
}

/** What the clients were seen to do is written into results.json and the page about clients. */
async function main(): Promise<void> {
  if (clients.length + tools.length === 0) throw new Error(`no client has a name that begins with ${names}`)
  const report = (line: string) => void process.stdout.write(`${line}\n`)
  await ensureToolchain(report)
  await buildTestPrograms(report)
  if (tools.length > 0) await vitest('--project=tools', ...tools.map(({ id }) => `test/clients/tools/${id}/`))
  if (clients.length === 0) return
  await vitest('--project=parts', 'test/clients/matrix/matrix')
  const { stderr } = await run(process.execPath, [join(ROOT, 'test/clients/matrix/page.ts')])
  process.stderr.write(stderr)
}

await main()
