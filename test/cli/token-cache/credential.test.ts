import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { MAIN } from '../../../local/edition/leasegate.ts'
import type { Ran } from '../../../local/process/run.ts'
import { run } from '../../../local/process/run.ts'
import { CliWorld } from '../cli-world.ts'
import { leasegate } from '../leasegate.ts'
import { belowAnother } from './another-process.ts'

let world: CliWorld
let runtime: string
let env: Record<string, string>
const folder = () => join(runtime, 'leasegate', 'lease-tokens')
const kept = () => readdir(folder()).catch(() => [])
const tokenOf = ({ stdout, stderr }: Ran): string => {
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout).status.token
}

beforeAll(async () => {
  world = await CliWorld.start()
})
afterAll(() => world.stop())
beforeEach(async () => {
  runtime = await mkdtemp(join(tmpdir(), 'lg-runtime-'))
  env = { ...(await world.envOf('web-operator')), XDG_RUNTIME_DIR: runtime }
})
afterEach(async () => {
  const { stdout } = await world.as('root', 'lease', 'list', '-o', 'json')
  await Promise.all(JSON.parse(stdout).map(({ id }: { id: string }) => world.as('root', 'lease', 'revoke', id)))
  await rm(runtime, { recursive: true, force: true })
})

const REQUEST = ['lease', 'request', '--template', 'restart-web', '--reason', 'it hangs', '-o', 'json']
async function newLease(): Promise<string> {
  const { stdout, stderr } = await leasegate(REQUEST, env)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout).id
}

describe('leasegate credential, with tokens that are kept', () => {
  test('answers the next process with what is kept, and needs no broker for it', async () => {
    const choice = ['credential', '--lease', await newLease()]
    const first = await belowAnother(choice, env)
    await world.stopBroker()
    const next = await belowAnother(choice, env)
    const off = await belowAnother(choice, { ...env, LEASEGATE_TOKEN_CACHE: 'off' })
    const again = await leasegate([...choice, '--help'], env)
    await world.startBroker()
    expect(next).toEqual(first)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(off).toMatchObject({ code: 3, stdout: '' })
    expect(again.stdout).toContain('Usage: leasegate credential')
  })

  test('loads nothing that kubectl would wait for, where a token is kept', async () => {
    const telling = 'process.on("exit", () => process.stderr.write(process.moduleLoadList.join("\\n")))'
    const watching = `--import=data:text/javascript,${encodeURIComponent(telling)}`
    const choice = ['credential', '--lease', await newLease()]
    const loaded = async () => {
      const { stderr } = await belowAnother(choice, { ...env, NODE_OPTIONS: watching })
      const slow = ['https', 'tls', 'crypto', 'tty', 'child_process'].map(name => `NativeModule ${name}`)
      return stderr.split('\n').filter(name => slow.includes(name))
    }
    expect(await loaded()).toContain('NativeModule https')
    expect(await loaded()).toEqual([])
  })

  test('asks the broker for who comes again, and hears of the end; so does whoever comes after', async () => {
    const lease = await newLease()
    const ask = `"$1" "$2" credential --lease ${lease}`
    // One process, as a kubectl that was refused with its first token; the lease ends in between.
    const revoke = `"$1" "$2" lease revoke ${lease} >&2`
    const asRoot = await world.envOf('root')
    const root = Object.entries(asRoot).map(([name, value]) => `${name}='${value}'`)
    await belowAnother(['credential', '--lease', lease], env)
    const script = `${ask}; ${root.join(' ')} XDG_RUNTIME_DIR=/nowhere ${revoke}; ${ask}; exit $?`
    const ran = await run('/bin/sh', ['-c', script, 'sh', process.execPath, MAIN], { env })
    expect(ran.stdout.trim().split('\n')).toHaveLength(1)
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('has ended (revoked)') })
    expect(await kept()).toEqual([])
    expect(await belowAnother(['credential', '--lease', lease], env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('has ended (revoked)'),
    })
  })

  test('keeps nothing of a lease that was given back', async () => {
    const [lease, other] = [await newLease(), await newLease()]
    await belowAnother(['credential', '--lease', lease], env)
    await belowAnother(['credential', '--lease', other], env)
    expect(await kept()).toHaveLength(2)
    expect(await leasegate(['lease', 'revoke', lease], env)).toMatchObject({ code: 0 })
    expect(await kept()).toHaveLength(1)
    expect(await belowAnother(['credential', '--lease', lease], env)).toMatchObject({ code: 1, stdout: '' })
  })

  test('by template means the newest lease again as soon as another one was asked for', async () => {
    const choice = ['credential', '--template', 'restart-web']
    const leaseOf = async () => {
      const [, claims = ''] = tokenOf(await belowAnother(choice, env)).split('.')
      return JSON.parse(Buffer.from(claims, 'base64url').toString()).lease
    }
    const first = await newLease()
    expect(await leaseOf()).toBe(first)
    await world.stopBroker()
    expect(await leaseOf()).toBe(first)
    await world.startBroker()
    const second = await newLease()
    expect(await leaseOf()).toBe(second)
  })

  test('is another answer for another identity, and nobody else’s', async () => {
    const lease = await newLease()
    await belowAnother(['credential', '--lease', lease], env)
    const others = { ...env, ...(await world.envOf('triage')) }
    expect(await belowAnother(['credential', '--lease', lease], others)).toMatchObject({ code: 1, stdout: '' })
    await writeFile(env['LEASEGATE_IDENTITY_TOKEN_FILE'] ?? '', 'not-a-token')
    expect(await belowAnother(['credential', '--lease', lease], env)).toMatchObject({ code: 1, stdout: '' })
  })

  test('serves many at once, who have come for the first time', async () => {
    const lease = await newLease()
    const all = await Promise.all([1, 2, 3, 4].map(() => belowAnother(['credential', '--lease', lease], env)))
    for (const ran of all) expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(await kept()).toHaveLength(1)
    expect(all.map(tokenOf)).toContain(tokenOf(await belowAnother(['credential', '--lease', lease], env)))
  })

  test('says once where others have to do with the folder, and does without', async () => {
    const lease = await newLease()
    await mkdir(folder(), { recursive: true })
    await chmod(folder(), 0o755)
    const ran = await belowAnother(['credential', '--lease', lease], env)
    expect(ran.code).toBe(0)
    expect(ran.stderr).toMatch(
      /^leasegate: no token is kept in [^\n]*: others have to do with it, or a folder above\n$/,
    )
    expect(await kept()).toEqual([])
  })

  test('leaves nothing of `leasegate run`', async () => {
    const wish = ['--template', 'restart-web', '--reason', 'one look']
    // What kubectl does, and another one after it.
    const plugin = `const {exec} = require('yaml').parse(require('fs').readFileSync(process.env.KUBECONFIG, 'utf8')).users[0].user
      const env = {...process.env, ...Object.fromEntries(exec.env.map(({name, value}) => [name, value]))}
      const {stdout} = require('child_process').spawnSync(exec.command, exec.args, {env, encoding: 'utf8'})
      console.log(JSON.stringify([stdout, require('fs').readdirSync(process.argv[1])]))`
    const ran = await belowAnother(['run', ...wish, '--', process.execPath, '-e', plugin, folder()], env)
    expect(ran).toMatchObject({ code: 0 })
    const [stdout, names] = JSON.parse(ran.stdout)
    expect(JSON.parse(stdout).kind).toBe('ExecCredential')
    expect(names).toHaveLength(1)
    expect(await kept()).toEqual([])
  })
})

describe('LEASEGATE_TOKEN_CACHE', () => {
  test('stands in a kubeconfig where it is off, and only there', async () => {
    const lease = await newLease()
    const exec = async (given: Record<string, string>) => {
      const { stdout } = await leasegate(['kubeconfig', '--lease', lease], { ...env, ...given })
      const { env: names } = parse(stdout).users[0].user.exec
      return names.filter(({ name }: { readonly name: string }) => name === 'LEASEGATE_TOKEN_CACHE')
    }
    expect(await exec({})).toEqual([])
    expect(await exec({ LEASEGATE_TOKEN_CACHE: 'off' })).toEqual([{ name: 'LEASEGATE_TOKEN_CACHE', value: 'off' }])
  })

  test('is said by a context, or beside one', async () => {
    const lease = await newLease()
    const { LEASEGATE_BROKER_URL, LEASEGATE_IDENTITY_TOKEN_FILE, LEASEGATE_BOUNDARY_URL } = env
    const file = world.path('config.yaml')
    const context = { brokerUrl: LEASEGATE_BROKER_URL, boundaryUrl: LEASEGATE_BOUNDARY_URL }
    const at = { ...context, identityTokenFile: LEASEGATE_IDENTITY_TOKEN_FILE }
    const show = (given: Record<string, string>) =>
      leasegate(['kubeconfig', '--lease', lease], { XDG_RUNTIME_DIR: runtime, LEASEGATE_CONFIG: file, ...given })
    await writeFile(file, JSON.stringify({ contexts: { here: at } }))
    expect((await show({})).stdout).not.toContain('TOKEN_CACHE')
    expect((await show({ LEASEGATE_TOKEN_CACHE: 'off' })).stdout).toContain('TOKEN_CACHE')
    await writeFile(file, JSON.stringify({ contexts: { here: { ...at, tokenCache: 'off' } } }))
    expect((await show({})).stdout).toContain('TOKEN_CACHE')
    // Nothing is kept of what a file with contexts says.
    await writeFile(file, JSON.stringify({ contexts: { here: at } }))
    const asked = await leasegate(['credential', '--lease', lease], {
      XDG_RUNTIME_DIR: runtime,
      LEASEGATE_CONFIG: file,
    })
    expect(asked.code).toBe(0)
    expect(await kept()).toEqual([])
  })
})
