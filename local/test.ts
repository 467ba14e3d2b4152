import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Counts, countResults, type VitestResults } from './testing/count-results.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

const ROOT = join(import.meta.dirname, '..')

/** The last line counts everything: a lint or type error is one failure, a skipped test is one too. */
async function main(args: readonly string[]): Promise<Counts> {
  await ensureToolchain(line => process.stdout.write(`${line}\n`))
  const checks: Counts[] = []
  // Asking for certain tests means those alone.
  if (args.length === 0) {
    checks.push(await check('biome', ['check', '--error-on-warnings', '.']), await check('tsc', []))
  }
  checks.push(await tests(args))
  return {
    passed: checks.reduce((sum, { passed }) => sum + passed, 0),
    failed: checks.reduce((sum, { failed }) => sum + failed, 0),
  }
}

async function check(tool: string, args: readonly string[]): Promise<Counts> {
  process.stdout.write(`${tool}\n`)
  return (await run(tool, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

async function tests(args: readonly string[]): Promise<Counts> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-test-'))
  const file = join(directory, 'results.json')
  try {
    const code = await run('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...args,
    ])
    const results = await readFile(file, 'utf8').then(
      text => JSON.parse(text) as VitestResults,
      () => null,
    )
    return countResults(results, code)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function run(tool: string, args: readonly string[]): Promise<number> {
  const child = spawn(join(ROOT, 'node_modules/.bin', tool), args, { cwd: ROOT, stdio: 'inherit' })
  return new Promise(resolve => {
    child.once('error', () => resolve(127))
    child.once('exit', code => resolve(code ?? 1))
  })
}

main(process.argv.slice(2)).then(
  ({ passed, failed }) => {
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
  },
  (error: Error) => {
    process.exitCode = 1
    process.stderr.write(`leasegate: ${error.message}\n`)
    process.stdout.write('0 passed, 1 failed\n')
  },
)
