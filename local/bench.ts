import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './process/run.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

const FOLDER = join(import.meta.dirname, '../test/bench')

/** Every benchmark but the longest in turn, or those named: `npm run bench -- check store`. */
await ensureToolchain(line => process.stdout.write(`${line}\n`))
const wanted = process.argv.slice(2)
const found = (await readdir(FOLDER)).filter(file => file.endsWith('.ts')).sort()
for (const file of found.filter(isWanted)) {
  process.stdout.write(`\n${file.replace('.ts', '')}\n`)
  const { code, stdout, stderr } = await run(process.execPath, [join(FOLDER, file)])
  process.stdout.write(stdout)
  if (code === 0) continue
  process.stderr.write(stderr)
  process.exitCode = 1
}

function isWanted(file: string): boolean {
  const name = file.replace('.ts', '')
  return wanted.length === 0 ? name !== 'record-30m' : wanted.includes(name)
}
