import { join } from 'node:path'
import { run } from '../../local/process/run.ts'
import { CHOSEN_CLIENTS } from '../clients/matrix/chosen.ts'

/** Every client, those too that take minutes to build, compared with the table of clients; then the tools beside kubectl. */
const ROOT = join(import.meta.dirname, '../..')
const vitest = join(ROOT, 'node_modules/.bin/vitest')
const env = { [CHOSEN_CLIENTS]: '' }
for (const which of [['--project=parts', 'test/clients/matrix/matrix'], ['--project=tools']]) {
  const { code, stdout, stderr } = await run(vitest, ['run', '--root', ROOT, ...which], { env })
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  if (code !== 0) process.exitCode = code
}
