import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { MAIN } from '../../../local/edition/leasegate.ts'
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

describe('what is slow to load', () => {
  /** Modules of Node.js that a command line made it load. */
  async function loaded(...args: readonly string[]): Promise<readonly string[]> {
    const telling = 'process.on("exit", () => process.stderr.write(process.moduleLoadList.join("\\n")))'
    const watching = ['--import', `data:text/javascript,${encodeURIComponent(telling)}`]
    const { stderr } = await run(process.execPath, [...watching, MAIN, ...args])
    return stderr.split('\n')
  }

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
