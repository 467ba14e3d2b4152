import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { CliWorld } from './cli-world.ts'
import { leasegate, type Ran } from './leasegate.ts'

let world: CliWorld

beforeAll(async () => {
  world = await CliWorld.start()
})
afterAll(() => world?.stop())

const rotate = (...more: readonly string[]) => leasegate(['keys', 'rotate', '--dir', world.dir, ...more])
const listed = async () => (await leasegate(['keys', 'list', '--dir', world.dir])).stdout
const kids = async () => (await keysIn('public.jwks.json')).map(({ kid }) => kid)

async function keysIn(file: string): Promise<readonly { readonly kid: string }[]> {
  return JSON.parse(await readFile(world.path(file), 'utf8')).keys
}

/** As if so much time had gone by since the last step. */
async function later(seconds: number): Promise<void> {
  const file = world.path('public.jwks.json')
  const text = await readFile(file, 'utf8')
  await writeFile(
    file,
    text.replaceAll(/("leasegate_\w+": )(\d+)/g, (_, name, at) => `${name}${Number(at) - seconds}`),
  )
}

async function aLease(): Promise<string> {
  const ran = await world.as(
    'web-operator',
    'lease',
    'request',
    '--template',
    'restart-web',
    '--namespace',
    'shop',
    '--reason',
    'r',
    '--ttl',
    '10m',
  )
  return /lse_\w+/.exec(ran.stdout + ran.stderr)?.[0] ?? JSON.stringify(ran)
}

/** A token for this lease, or why there is none. */
async function token(lease: string): Promise<{ readonly ran: Ran; readonly kid: string }> {
  const ran = await world.as('web-operator', 'credential', '--lease', lease)
  const jwt = ran.code === 0 ? (JSON.parse(ran.stdout).status.token as string) : ''
  const header = jwt.split('.')[0] ?? ''
  return { ran, kid: header === '' ? '' : JSON.parse(Buffer.from(header, 'base64url').toString()).kid }
}

describe('leasegate keys rotate', () => {
  test('replaces the key that signs; leases from before, between and after go on, and nothing restarts', async () => {
    const [first = ''] = await kids()
    const before = await aLease()
    expect(await listed()).toMatch(new RegExp(`${first}\\s+signs`))

    expect((await rotate()).stdout).toMatch(/^added (\S+); \S+ goes on signing\nnext: the same command again, from /)
    const [, second = ''] = await kids()
    expect(await listed()).toMatch(new RegExp(`${first}\\s+signs.*${second}\\s+will sign`, 's'))
    const early = await rotate()
    expect(early).toMatchObject({ code: 1, stdout: '' })
    expect(early.stderr).toMatch(
      /too early: whoever verifies may not have read \S+ yet; run it again from \S+ on \(in [12]m\)/,
    )
    const between = await aLease()

    await later(121)
    expect((await rotate()).stdout).toMatch(`${second} signs; ${first} verifies what it signed`)
    expect((await keysIn('signing.jwks.json')).map(({ kid }) => kid)).toEqual([second])
    await until('the broker to sign with the new key', async () => (await token(before)).kid === second)
    expect((await rotate()).stderr).toMatch(/too early: there may be leases signed with/)
    const after = await aLease()
    for (const lease of [before, between, after]) expect((await token(lease)).kid).toBe(second)

    await later(121 + 600)
    expect((await rotate('--longest-lease', '10m')).stdout).toMatch(`dropped ${first}: done`)
    expect(await kids()).toEqual([second])
    await until('the old key to be forgotten', async () => (await token(before)).ran.code !== 0)
    expect((await token(after)).kid).toBe(second)
    expect(world.brokerLog).not.toMatch(/"level":"?error/)
  })

  test('leaves nothing beside the two files, and the private one to its owner', async () => {
    const files = (await readdir(world.dir)).filter(name => name.includes('jwks'))
    expect(files.filter(name => !/^corp/.test(name)).sort()).toEqual(['public.jwks.json', 'signing.jwks.json'])
    expect(((await stat(world.path('signing.jwks.json'))).mode & 0o777).toString(8)).toBe('600')
    expect(((await stat(world.path('public.jwks.json'))).mode & 0o777).toString(8)).toBe('644')
  })

  test.each([
    {
      name: 'a folder without keys',
      args: ['--dir', '/nonexistent'],
      says: 'cannot read /nonexistent/signing.jwks.json: ENOENT',
    },
    { name: 'a Secret by half a name', args: ['--secret', 'keys'], says: 'It is NAMESPACE/NAME.' },
    { name: 'a time that is none', args: ['--longest-lease', 'soon'], says: '--longest-lease must be a duration' },
  ])('says what is wrong with $name', async ({ args, says }) => {
    const ran = await leasegate(['keys', 'rotate', ...args])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain(says)
  })
})
