import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { thisProgram } from '../../../src/cli/command/this-program.ts'
import { until } from '../../support/until.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const run = promisify(execFile)

describe('launch', () => {
  test('is what package.json calls leasegate', async () => {
    const { bin } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'))
    const { stdout } = await run(`${ROOT}${bin.leasegate}`, ['--help'])
    expect(stdout).toContain('Usage: leasegate')
  })

  test('runs with an older Node on PATH as well, by the one the checkout brings', async () => {
    const older = `data:text/javascript,${encodeURIComponent('Object.defineProperty(process.features, "typescript", { value: false })')}`
    const { stdout } = await run(process.execPath, ['--import', older, `${ROOT}src/cli/launch.mjs`, '--help'])
    expect(stdout).toContain('Usage: leasegate')
  })

  test('starts no third process where its own Node is told to run no TypeScript either', async () => {
    const env = { ...process.env, NODE_OPTIONS: '--no-strip-types' }
    await expect(run(process.execPath, [`${ROOT}src/cli/launch.mjs`, '--help'], { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ERR_UNKNOWN_FILE_EXTENSION'),
    })
  })

  test('hands on arguments, input and exit code', async () => {
    const child = spawn(process.execPath, [`${ROOT}src/cli/launch.mjs`, 'explain'])
    let out = ''
    child.stdout.on('data', chunk => {
      out += chunk
    })
    child.stdin.write('{"method":"GET","path":"/version"}\n')
    await until('an answer', () => out.includes('"verb":"get"'))
    child.stdin.end('nonsense\n')
    const [code] = await once(child, 'exit')
    expect(code).toBe(2)
  })
})

const LAUNCHER = `${ROOT}src/cli/launch.mjs`

/** Modules of Node.js that a command line made it load. */
async function loadedBy(program: string, args: readonly string[], env = process.env): Promise<readonly string[]> {
  const telling = 'process.on("exit", () => process.stderr.write(process.moduleLoadList.join("\\n")))'
  const watching = ['--import', `data:text/javascript,${encodeURIComponent(telling)}`]
  const { stderr } = await run(process.execPath, [...watching, program, ...args], { env })
  return stderr.split('\n')
}

describe('what the launcher does not wait for', () => {
  const READS_TYPESCRIPT = 'NativeModule internal/deps/amaro/dist/index'

  test.each(['credential', '--help', '--version'])(
    'a second time, for what speaks for nobody: whatever reads TypeScript (%s)',
    async command => {
      const cache = await mkdtemp(join(tmpdir(), 'lg-launched-'))
      try {
        const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], XDG_CACHE_HOME: cache }
        const started = () => loadedBy(LAUNCHER, command === 'credential' ? [command, '--help'] : [command], env)
        expect(await started()).toContain(READS_TYPESCRIPT)
        expect(await started()).not.toContain(READS_TYPESCRIPT)
      } finally {
        await rm(cache, { recursive: true, force: true })
      }
    },
  )
})

describe('what starts this program once more', () => {
  test.each([
    { started: '/srv/leasegate/src/main.ts', starts: '/srv/leasegate/src/cli/launch.mjs' },
    { started: '/opt/leasegate/program/leasegate.cjs', starts: '/opt/leasegate/program/leasegate.cjs' },
  ])('is $starts for $started', ({ started, starts }) => {
    const [, before = ''] = process.argv
    try {
      process.argv[1] = started
      expect(thisProgram()).toEqual([process.execPath, starts])
    } finally {
      process.argv[1] = before
    }
  })
})

describe('what is slow to load', () => {
  const loaded = (...args: readonly string[]) => loadedBy(MAIN, args)

  test('is not waited for by kubectl, which starts the plugin for each command: fetch and HTTP/2', async () => {
    const modules = await loaded('credential', '--help')
    expect(modules).toContain('NativeModule https')
    expect(modules).not.toContain('NativeModule internal/deps/undici/undici')
    expect(modules).not.toContain('NativeModule http2')
  })

  test('is not waited for by whoever asks for help', async () => {
    expect(await loaded('--help')).not.toContain('NativeModule https')
  })
})
