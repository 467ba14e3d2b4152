import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { run } from '../../local/process/run.ts'
import { ALL_CASES } from '../support/more-cases.ts'

/** What every run tries with a few cases of each kind, with all of them. */
const ROOT = join(import.meta.dirname, '../..')

const files: string[] = []
for (const entry of await readdir(join(ROOT, 'test'), { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (!entry.isFile() || !file.endsWith('.test.ts')) continue
  if ((await readFile(file, 'utf8')).includes('support/more-cases.ts')) files.push(relative(ROOT, file))
}
if (files.length === 0) throw new Error('no test asks how many cases it is to try')
const vitest = join(ROOT, 'node_modules/.bin/vitest')
const { code, stdout, stderr } = await run(vitest, ['run', '--root', ROOT, '--project=parts', ...files.sort()], {
  env: { [ALL_CASES]: '1' },
})
process.stdout.write(stdout)
process.stderr.write(stderr)
process.exitCode = code
