import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './process/run.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

const FOLDER = join(import.meta.dirname, '../test/long')

/** Long runs, one after the other; each prints its seed and what it counted. */
await ensureToolchain(line => process.stdout.write(`${line}\n`))
for (const file of (await readdir(FOLDER)).sort()) {
  const { code, stdout, stderr } = await run(process.execPath, [join(FOLDER, file)])
  process.stdout.write(`${file.replace('.ts', '')}\n${stdout}`)
  if (code === 0) continue
  process.stderr.write(stderr)
  process.exitCode = 1
}
