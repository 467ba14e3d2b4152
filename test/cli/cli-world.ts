import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { MAIN } from '../../local/edition/leasegate.ts'
import { freePort } from '../../local/process/ports.ts'
import { TestIssuer } from '../support/issuer.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'
import { leasegate, type Ran, SURROUNDINGS } from './leasegate.ts'

interface GivenWorld {
  /** Beside the one that is there, as the policy file has them. */
  readonly templates?: readonly object[]
  /** What else its policy says. */
  readonly change?: (policy: PolicyHere) => object
  /** What else the broker is told; by the world's folder. */
  readonly env?: (dir: string) => Record<string, string>
}

/** `leasegate broker` as a process of its own, with a real store, a policy file, and keys made by `leasegate keys init`. */
export class CliWorld {
  readonly dir: string
  readonly valkey: Valkey
  readonly corp: TestIssuer
  readonly brokerUrl: string
  #broker: ChildProcess | null = null
  #log = ''

  readonly #given: GivenWorld

  private constructor(dir: string, valkey: Valkey, corp: TestIssuer, brokerUrl: string, given: GivenWorld) {
    this.#given = given
    this.dir = dir
    this.valkey = valkey
    this.corp = corp
    this.brokerUrl = brokerUrl
  }

  static async start(given: GivenWorld = {}): Promise<CliWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'leasegate-cli-'))
    const corp = await TestIssuer.create()
    const world = new CliWorld(dir, await Valkey.start(), corp, `http://127.0.0.1:${await freePort()}`, given)
    try {
      await leasegate(['keys', 'init', '--dir', dir])
      const policy = policyHere(corp, given.templates)
      await writeFile(world.path('policy.yaml'), stringify(given.change?.(policy) ?? policy))
      await world.startBroker()
      return world
    } catch (error) {
      await world.stop()
      throw new Error(`the broker did not start: ${world.brokerLog}`, { cause: error })
    }
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  get brokerLog(): string {
    return this.#log
  }

  brokerEnv(): Record<string, string> {
    return {
      LEASEGATE_POLICY_FILE: this.path('policy.yaml'),
      LEASEGATE_REDIS_URL: this.valkey.url,
      LEASEGATE_DURABILITY: 'always',
      LEASEGATE_BROKER_LISTEN: new URL(this.brokerUrl).host,
      LEASEGATE_SIGNING_KEYS_FILE: this.path('signing.jwks.json'),
      LEASEGATE_PUBLIC_KEYS_FILE: this.path('public.jwks.json'),
      ...this.#given.env?.(this.dir),
    }
  }

  /** What somebody has set who uses the command line. */
  async envOf(sub: string): Promise<Record<string, string>> {
    const file = this.path(`${sub}.token`)
    await writeFile(file, `${await this.corp.token({ sub, email: `${sub}@corp.example` })}\n`)
    return {
      LEASEGATE_BROKER_URL: this.brokerUrl,
      LEASEGATE_IDENTITY_TOKEN_FILE: file,
      LEASEGATE_BOUNDARY_URL: 'https://127.0.0.1:6443',
    }
  }

  async as(sub: string, ...args: readonly string[]): Promise<Ran> {
    return leasegate(args, await this.envOf(sub))
  }

  async startBroker(): Promise<void> {
    const env = { ...SURROUNDINGS, ...this.brokerEnv() }
    const child = spawn(process.execPath, [MAIN, 'broker'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', chunk => {
        this.#log += chunk
      })
    }
    this.#broker = child
    const ready = () =>
      fetch(`${this.brokerUrl}/readyz`).then(
        answer => answer.ok,
        () => false,
      )
    await until('the broker to be ready', ready, 30_000)
  }

  /** Asks it to stop; resolves with its exit code. */
  async stopBroker(): Promise<number | null> {
    const child = this.#broker
    this.#broker = null
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = await exited
    return code as number | null
  }

  async stop(): Promise<void> {
    await this.stopBroker()
    await this.valkey.stop()
    await rm(this.dir, { recursive: true, force: true })
  }
}

export type PolicyHere = ReturnType<typeof policyHere>

function policyHere({ issuer, jwksFile }: TestIssuer, templates: readonly object[] = []) {
  const { name, audience, algorithms } = issuer
  return {
    boundaryNamespace: 'leasegate',
    issuers: [{ name, issuer: issuer.issuer, audience, algorithms, jwks: { file: jwksFile } }],
    agents: [
      { name: 'web-operator', issuer: name, claims: { sub: 'web-operator' }, sponsor: 'ada@corp.example' },
      { name: 'triage', issuer: name, claims: { sub: 'triage' } },
    ],
    people: [
      { name: 'hana', issuer: name, claims: { sub: 'hana' }, roles: ['approver'] },
      { name: 'grace', issuer: name, claims: { sub: 'grace' }, roles: ['approver'] },
      { name: 'root', issuer: name, claims: { sub: 'root' }, roles: ['admin'] },
    ],
    templates: [
      {
        name: 'restart-web',
        description: 'Restart the web deployment',
        grants: [{ agent: 'web-operator', namespaces: ['shop', 'shop-dev'] }],
        rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'secrets'] }],
        maxTtl: '1h',
        maxLeases: 3,
      },
      ...templates,
    ],
  }
}
