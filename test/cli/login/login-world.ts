import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK } from 'jose'
import { MAIN } from '../../../local/edition/leasegate.ts'
import {
  type IdentityProvider,
  type IdentityProviderOptions,
  issuerAt,
  startIdentityProvider,
} from '../../../local/edition/sign-in/identity-provider.ts'
import { freePort } from '../../../local/process/ports.ts'
import { Browser, type Page } from '../../broker/console/browser.ts'
import { TestIssuer } from '../../support/issuer.ts'
import { until } from '../../support/until.ts'
import { CliWorld } from '../cli-world.ts'
import { leasegate, type Ran, SURROUNDINGS } from '../leasegate.ts'

export const PASSWORD = 'correct horse'
const PEOPLE = ['hana', 'root', 'stranger', 'triage']

type Between = NonNullable<IdentityProviderOptions['between']>

/** A broker, an identity provider that people log in at, and a home of their own. */
export class LoginWorld {
  readonly cli: CliWorld
  readonly issuer: string
  /** What happens between a request to the provider and its answer. */
  between: Between = (_, next) => next()
  readonly #people: TestIssuer
  #provider: IdentityProvider | null = null

  private constructor(cli: CliWorld, people: TestIssuer) {
    this.cli = cli
    this.#people = people
    this.issuer = people.issuer.issuer ?? ''
  }

  /** `consent`: how people there say that an agent may act for them, with an agent `butler` that nobody sponsors. */
  static async start(
    login: object | null = { clientId: 'leasegate-cli' },
    consent: { readonly clientId: string } | null = null,
  ): Promise<LoginWorld> {
    const people = await TestIssuer.create({ name: 'people', issuer: issuerAt(await freePort()) })
    const { name, issuer, audience, algorithms } = people.issuer
    const entry = { name, issuer, audience, algorithms, jwks: { file: people.jwksFile }, ...(login && { login }) }
    const consents =
      consent === null
        ? []
        : [{ ...entry, name: `${name}-consent`, audience: consent.clientId, consentFor: name, login: consent }]
    const cli = await CliWorld.start({
      change: policy => ({
        ...policy,
        issuers: [...policy.issuers, entry, ...consents],
        people: policy.people.map(person => ({ ...person, issuer: name })),
        agents: [
          ...policy.agents.map(agent => (agent.name === 'triage' ? { ...agent, issuer: name } : agent)),
          ...(consent === null ? [] : [{ name: 'butler', issuer: 'corp', claims: { sub: 'butler' } }]),
        ],
        templates: policy.templates.map(template => ({
          ...template,
          ...(consent === null
            ? {}
            : { onBehalfOf: 'required', grants: [{ agent: 'butler', namespaces: ['shop', 'shop-dev'] }] }),
        })),
      }),
    })
    const world = new LoginWorld(cli, people)
    await world.startProvider(consent === null ? {} : { consentClient: consent.clientId })
    return world
  }

  async startProvider(options: Partial<IdentityProviderOptions> = {}): Promise<void> {
    await this.#provider?.stop()
    this.#provider = await startIdentityProvider({
      port: Number(new URL(this.issuer).port),
      key: { ...(await exportJWK(this.#people.key)), kid: 'key-1', alg: 'ES256', use: 'sig' },
      clientSecret: 'x'.repeat(32),
      redirectUri: 'https://console.test/console/signed-in',
      people: PEOPLE,
      password: PASSWORD,
      between: (context, next) => this.between(context, next),
      ...options,
    })
  }

  async stopProvider(): Promise<void> {
    await this.#provider?.stop()
    this.#provider = null
  }

  async home(): Promise<Home> {
    return Home.make({ LEASEGATE_BROKER_URL: this.cli.brokerUrl })
  }

  async stop(): Promise<void> {
    await this.stopProvider()
    await this.cli.stop()
  }
}

/** Somebody's home on some machine, with nothing in it and no keychain. */
export class Home implements AsyncDisposable {
  readonly path: string
  env: Record<string, string>

  private constructor(path: string, env: Record<string, string>) {
    this.path = path
    this.env = env
  }

  /** With these settings, but for a token. */
  static async make({ LEASEGATE_IDENTITY_TOKEN_FILE: _, ...env }: Record<string, string>): Promise<Home> {
    const path = await mkdtemp(join(tmpdir(), 'lg-home-'))
    return new Home(path, { ...env, HOME: path })
  }

  get logins(): string {
    return join(this.path, '.local/state/leasegate/logins')
  }

  /** Of the only login. */
  async file(): Promise<string> {
    const [name, ...others] = (await readdir(this.logins)).filter(one => one.endsWith('.json'))
    if (name === undefined) throw new Error('no login')
    if (others.length > 0) throw new Error('several logins')
    return join(this.logins, name)
  }

  leasegate(...args: readonly string[]): Promise<Ran> {
    return leasegate(args, this.env)
  }

  begin(...args: readonly string[]): Running {
    return new Running(['login', ...args], this.env)
  }

  /** By browser, as somebody does who gives the right password. */
  async logIn(who = 'hana', ...args: readonly string[]): Promise<Ran> {
    const running = this.begin(...args)
    await signIn(new Browser('', 'none:'), await running.address(), who)
    return running.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** `leasegate login` as a process, while it waits for somebody. */
export class Running {
  readonly ended: Promise<Ran>
  readonly kill: (signal: NodeJS.Signals) => void
  stderr = ''

  constructor(args: readonly string[], env: Record<string, string>) {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...SURROUNDINGS, ...env }, stdio: 'pipe' })
    child.stdin.end()
    child.stderr.on('data', chunk => {
      this.stderr += chunk
    })
    this.kill = signal => void child.kill(signal)
    const code = new Promise<number | null>(resolve => child.on('close', resolve))
    this.ended = Promise.all([child.stdout.toArray(), code]).then(([stdout, ended]) => ({
      code: ended,
      stdout: Buffer.concat(stdout).toString(),
      stderr: this.stderr,
    }))
  }

  /** The one for the browser, once it is printed. */
  async address(): Promise<string> {
    await this.#until(() => /^ {2}http\S+$/m.test(this.stderr))
    return /^ {2}(http\S+)$/m.exec(this.stderr)?.[1] ?? ''
  }

  /** With the code in it, of a login by device. */
  async direct(): Promise<string> {
    await this.#until(() => /with the code in it: \S+\n/.test(this.stderr))
    return /with the code in it: (\S+)/.exec(this.stderr)?.[1] ?? ''
  }

  async #until(isThere: () => boolean): Promise<void> {
    let isOver = false
    void this.ended.then(() => {
      isOver = true
    })
    await until('the login to say where', async () => isThere() || isOver, 60_000)
    if (!isThere()) throw new Error(`it ended: ${this.stderr}`)
  }
}

/** Through the provider's form, with all redirects. */
export async function signIn(browser: Browser, address: string, who = 'hana'): Promise<Page> {
  const form = await browser.get(address)
  return browser.post(form.url, { name: who, password: PASSWORD })
}

/** The same, but where the browser would be sent back to the program nothing is sent: that address. */
export async function comesBackTo(browser: Browser, address: string, who = 'hana'): Promise<URL> {
  const form = await browser.get(address)
  let page = await browser.once(form.url, { method: 'POST', form: { name: who, password: PASSWORD } })
  for (;;) {
    const next = new URL(page.headers.location ?? '', page.url)
    if (next.pathname === '/signed-in') return next
    page = await browser.once(next.href)
  }
}

/** Enters the code that is in the address, says that it is the right one (or not), and signs in. */
export async function enterCode(
  browser: Browser,
  address: string,
  who = 'hana',
  answer: object = {},
  password = PASSWORD,
): Promise<Page> {
  const entered = await browser.get(address)
  const confirm = await browser.post(actionOf(entered), hidden(entered))
  const form = await browser.post(actionOf(confirm), { ...hidden(confirm), ...answer })
  return form.text.includes('name="password"') ? browser.post(form.url, { name: who, password }) : form
}

function actionOf({ text, url }: Page): string {
  return new URL(/action="([^"]+)"/.exec(text)?.[1] ?? '', url).href
}

function hidden({ text }: Page): Record<string, string> {
  const fields = text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]))
}
