import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../../local/process/run.ts'

const ROOT = join(import.meta.dirname, '../../..')
const TAKEN = ['vitest.config.ts', 'local/testing/slow-first.ts', 'package.json']

/** As ours are: one test imports a source by way of another, one reads it, one has to do with neither. */
const MADE: Readonly<Record<string, string>> = {
  '.gitignore': 'node_modules\n',
  'src/deep.ts': 'export const DEEP = 1\n',
  'src/middle.ts': "export { DEEP } from './deep.ts'\n",
  'src/other.ts': 'export const OTHER = 1\n',
  'test/imports.test.ts': "import { test } from 'vitest'\nimport '../src/middle.ts'\ntest('imports', () => {})\n",
  'test/reads.test.ts':
    "import { readFileSync } from 'node:fs'\nimport { test } from 'vitest'\ntest('reads', () => void readFileSync('src/deep.ts'))\n",
  'test/other.test.ts': "import { test } from 'vitest'\nimport '../src/other.ts'\ntest('other', () => {})\n",
  'test/e2e/whole.test.ts': "import { test } from 'vitest'\nimport '../../src/deep.ts'\ntest('whole', () => {})\n",
}

let checkout: string

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'leasegate-changed-'))
  for (const file of TAKEN) {
    await mkdir(dirname(join(checkout, file)), { recursive: true })
    await copyFile(join(ROOT, file), join(checkout, file))
  }
  for (const [file, text] of Object.entries(MADE)) {
    await mkdir(dirname(join(checkout, file)), { recursive: true })
    await writeFile(join(checkout, file), text)
  }
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
  await git('init', '--quiet')
  await git('add', '.')
  await git('-c', 'user.name=ada', '-c', 'user.email=ada@corp.example', 'commit', '--quiet', '--message', 'all')
})
afterAll(() => rm(checkout, { recursive: true, force: true }))

async function git(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run('git', ['-C', checkout, ...args])
  if (code !== 0) throw new Error(stderr)
}

/** What `npm test -- --changed` would run here. */
async function chosen(): Promise<readonly string[]> {
  const args = ['list', '--changed', '--filesOnly', '--json', '--root', checkout]
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/vitest'), [...args, '--project=parts', '--project=e2e'])
  const listed = JSON.parse(stdout) as readonly { readonly file: string }[]
  return listed.map(({ file }) => file.slice(file.indexOf('/test/') + 1)).toSorted()
}

test('of a checkout with one changed source file, the tests that import it are run, by whatever way, and no others', async () => {
  await writeFile(join(checkout, 'src/deep.ts'), 'export const DEEP = 2\n')
  expect(await chosen()).toEqual(['test/e2e/whole.test.ts', 'test/imports.test.ts'])
})
