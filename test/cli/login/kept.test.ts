import { chmod, lstat, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CliWorld } from '../cli-world.ts'
import { type Home, LoginWorld } from './login-world.ts'

let world: LoginWorld
beforeAll(async () => {
  world = await LoginWorld.start()
})
afterAll(() => world.stop())
afterEach(() => {
  world.between = (_, next) => next()
})

/** As if its identity token had ended. */
async function age(home: Home, change: object = { expiresAt: Date.now() - 1000 }): Promise<void> {
  const file = await home.file()
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }))
}

async function refreshToken(home: Home): Promise<string> {
  return JSON.parse(await readFile(await home.file(), 'utf8')).tokens.refreshToken
}

/** Paths that the provider is asked for, with the status of its answer. */
function asked(): readonly string[] {
  const paths: string[] = []
  world.between = async (context, next) => {
    await next()
    paths.push(`${context.path} ${context.status}`)
  }
  return paths
}

describe('a login that is kept', () => {
  const UNFIT = [
    { name: 'others may read', spoil: (file: string) => chmod(file, 0o644), says: 'mode 644' },
    {
      name: 'is a link',
      spoil: async (file: string) => {
        await rename(file, `${file}.elsewhere`)
        await symlink(`${file}.elsewhere`, file)
      },
      says: 'symbolic link',
    },
    { name: 'lies where others may look', spoil: (file: string) => chmod(join(file, '..'), 0o755), says: 'mode 755' },
    { name: 'is none', spoil: (file: string) => writeFile(file, '{"version":1}'), says: 'no login of this version' },
    { name: 'is endless', spoil: (file: string) => writeFile(file, ' '.repeat(70_000)), says: 'too long' },
  ]
  test.each(UNFIT)('and $name is not used, and says what to do', async ({ spoil, says }) => {
    await using home = await world.home()
    await home.logIn()
    await spoil(await home.file())
    const { code, stderr } = await home.leasegate('whoami')
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) })
    expect(stderr).toContain('leasegate login')
  })

  test('goes to the broker of the login alone', async () => {
    await using home = await world.home()
    await home.logIn()
    const other = { ...home.env, LEASEGATE_BROKER_URL: 'http://127.0.0.1:9' }
    home.env = other
    expect((await home.leasegate('whoami')).stderr).toContain('LEASEGATE_IDENTITY_TOKEN_FILE is not set')
    // Nor where somebody put it in the place of the other one's.
    const [name = ''] = await readdir(home.logins)
    home.env = { ...other, LEASEGATE_BROKER_URL: 'http://127.0.0.1:10' }
    const { loginStore } = await import('../../../src/cli/login/store/login-store.ts')
    await rename(join(home.logins, name), loginStore('http://127.0.0.1:10', home.env).path)
    expect((await home.leasegate('whoami')).stderr).toContain('is no login of this version')
  })

  test('that the broker does not take says what to do', async () => {
    await using home = await world.home()
    await home.logIn()
    await age(home, { tokens: { idToken: 'a.b.c', refreshToken: null } })
    const { code, stderr } = await home.leasegate('whoami')
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('; run: leasegate login') })
  })

  test('comes after what the settings name', async () => {
    await using home = await world.home()
    const agent = await world.cli.envOf('web-operator')
    home.env = { ...home.env, ...agent }
    const ran = await home.logIn()
    expect(ran.stderr).toContain('LEASEGATE_IDENTITY_TOKEN_FILE says who you are')
    const me = await home.leasegate('whoami', '-o', 'json')
    expect(JSON.parse(me.stdout)).toMatchObject({ kind: 'agent', name: 'web-operator', login: null })
  })

  test('belongs to a context as its broker does', async () => {
    await using home = await world.home()
    const config = join(home.path, '.config/leasegate')
    await mkdir(config, { recursive: true })
    const contexts = { away: { brokerUrl: 'http://127.0.0.1:9' }, here: { brokerUrl: world.cli.brokerUrl } }
    await writeFile(join(config, 'config.yaml'), JSON.stringify({ current: 'away', contexts }), { mode: 0o600 })
    const beside = await home.leasegate('login', '--context', 'here')
    expect(beside).toMatchObject({ code: 2, stderr: expect.stringContaining('LEASEGATE_BROKER_URL') })
    home.env = { HOME: home.path }
    expect(await home.logIn('hana', '--context', 'here')).toMatchObject({ code: 0 })
    expect((await home.leasegate('whoami')).code).toBe(2)
    home.env = { HOME: home.path, LEASEGATE_CONTEXT: 'here' }
    expect((await home.leasegate('whoami')).stdout).toContain('hana')
    home.env = { HOME: home.path }
    expect((await home.leasegate('logout', '--context', 'here')).stderr).toContain('is revoked')
  })
})

describe('a login whose identity token has ended', () => {
  test('is renewed once, however many commands want it, and each takes the refresh token that counts', async () => {
    await using home = await world.home()
    await home.logIn()
    const first = await refreshToken(home)
    await age(home)
    const paths = asked()
    const ran = await Promise.all(Array.from({ length: 5 }, () => home.leasegate('whoami')))
    expect(ran.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(5).fill({ code: 0, stderr: '' }))
    expect(paths.filter(path => path.startsWith('/token'))).toEqual(['/token 200'])
    expect(await refreshToken(home)).not.toBe(first)
    expect((await lstat(await home.file())).mode & 0o777).toBe(0o600)
    await age(home)
    expect(await home.leasegate('whoami')).toMatchObject({ code: 0 })
    expect(await readdir(home.logins)).toHaveLength(1)
  })

  test('is renewed after a process that died over it', async () => {
    await using home = await world.home()
    await home.logIn()
    await age(home)
    const { hostname } = await import('node:os')
    // No process has the largest id that Linux gives (pid_max).
    await writeFile(`${await home.file()}.lock`, `${hostname()} 4194305 x`)
    expect(await home.leasegate('whoami')).toMatchObject({ code: 0 })
  })

  test('is over once the issuer does not take its refresh token any more, and says so each time', async () => {
    await using home = await world.home()
    await home.logIn()
    await age(home)
    const { tokens } = JSON.parse(await readFile(await home.file(), 'utf8'))
    await age(home, { tokens: { ...tokens, refreshToken: 'taken-back' } })
    const paths = asked()
    for (const _ of [1, 2]) {
      expect(await home.leasegate('status')).toMatchObject({
        code: 2,
        stderr: `leasegate: your login at ${world.issuer} has ended; run: leasegate login\n`,
      })
    }
    expect(paths.filter(path => path.startsWith('/token'))).toEqual(['/token 400'])
  })

  test('waits for an issuer that is away, and is not lost; an identity token that still counts is used meanwhile', async () => {
    await using home = await world.home()
    await home.logIn()
    await world.stopProvider()
    await age(home)
    const away = await home.leasegate('whoami')
    expect(away).toMatchObject({ code: 3, stderr: expect.stringContaining('cannot be asked: nobody listens there') })
    await age(home, { expiresAt: Date.now() + 50_000 })
    expect(await home.leasegate('whoami')).toMatchObject({ code: 0 })
    await world.startProvider()
    await age(home)
    expect(await home.leasegate('whoami')).toMatchObject({ code: 0 })
  })

  test('without a refresh token ends with it', async () => {
    await using home = await world.home()
    await home.logIn('hana', '--no-refresh')
    await age(home)
    const { code, stderr } = await home.leasegate('whoami')
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('run: leasegate login') })
  })

  test('is never renewed to somebody else’s', async () => {
    await using home = await world.home()
    await home.logIn()
    await age(home, { expiresAt: Date.now() - 1000, subject: 'root' })
    const { code, stderr } = await home.leasegate('whoami')
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('somebody else') })
  })
})

describe('leasegate logout', () => {
  test('revokes the refresh token and leaves nothing', async () => {
    await using home = await world.home()
    await home.logIn()
    const paths = asked()
    const ran = await home.leasegate('logout')
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('the refresh token is revoked') })
    expect(paths).toContain('/token/revocation 200')
    expect(await readdir(home.logins)).toEqual([])
    expect((await home.leasegate('whoami')).stderr).toContain('leasegate login')
    expect(await home.leasegate('logout')).toMatchObject({ code: 0, stderr: expect.stringContaining('not logged in') })
  })

  test('leaves nothing where the issuer cannot be asked, and says that it was not', async () => {
    await using home = await world.home()
    await home.logIn()
    await world.stopProvider()
    const ran = await home.leasegate('logout')
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining('was not revoked') })
    expect(await readdir(home.logins)).toEqual([])
    await world.startProvider()
  })

  test('removes one that is not to be used, and a link and not where it leads', async () => {
    await using home = await world.home()
    await home.logIn()
    const [file, elsewhere] = [await home.file(), join(home.path, 'elsewhere')]
    await rename(file, elsewhere)
    await symlink(elsewhere, file)
    const paths = asked()
    expect(await home.leasegate('logout')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing revoked'),
    })
    expect(paths).toEqual([])
    expect(await readdir(home.logins)).toEqual([])
    expect((await lstat(elsewhere)).isFile()).toBe(true)
  })

  test('is not needed before somebody else logs in: what was there is revoked', async () => {
    await using home = await world.home()
    await home.logIn('hana')
    const paths = asked()
    expect((await home.logIn('root')).stdout).toMatch(/^root, admin\n/)
    expect(paths.filter(path => path.includes('revocation'))).toEqual(['/token/revocation 200'])
    expect((await home.leasegate('whoami')).stdout).toContain('root, admin')
    // Their own next one is not: it could take the new one with it.
    await home.logIn('root')
    expect(paths.filter(path => path.includes('revocation'))).toHaveLength(1)
  })
})

describe('where somebody logs in', () => {
  test('is what their settings say, and the broker is not asked then', async () => {
    await using home = await world.home()
    home.env = { ...home.env, LEASEGATE_LOGIN_ISSUER: world.issuer, LEASEGATE_LOGIN_CLIENT_ID: 'leasegate-cli' }
    expect(await home.logIn()).toMatchObject({ code: 0 })
    home.env = { ...home.env, LEASEGATE_LOGIN_CLIENT_ID: 'another' }
    const running = home.begin()
    expect(await running.address()).toContain('client_id=another')
    running.kill('SIGTERM')
    await running.ended
    delete home.env['LEASEGATE_LOGIN_ISSUER']
    expect((await home.leasegate('login')).stderr).toContain('LEASEGATE_LOGIN_ISSUER')
  })

  test('is nowhere where the policy says nothing of it', async () => {
    const cli = await CliWorld.start()
    await using home = await world.home()
    home.env = { ...home.env, LEASEGATE_BROKER_URL: cli.brokerUrl }
    const { code, stderr } = await home.leasegate('login')
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('no issuer with login') })
    await cli.stop()
  })

  test('is asked where there are several', async () => {
    const entry = (name: string) => ({
      ...{ name, issuer: `https://${name}.example`, audience: 'leasegate', jwks: { file: world.cli.corp.jwksFile } },
      login: { clientId: 'cli' },
    })
    const cli = await CliWorld.start({
      change: policy => ({ ...policy, issuers: [...policy.issuers, entry('a'), entry('b')] }),
    })
    await using home = await world.home()
    home.env = { ...home.env, LEASEGATE_BROKER_URL: cli.brokerUrl }
    const { code, stderr } = await home.leasegate('login')
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'leasegate: say with --issuer where you log in: a, b\n' })
    await cli.stop()
  })
})
