import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { STORY_NAMES } from '../../../local/edition/names.ts'
import { policyText } from '../../../local/edition/policy-text.ts'
import { listensOn } from '../../../local/process/listens-on.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { generateKeyFiles, parseSigningKey, type SigningKey } from '../../../src/identity/keys/keys.ts'
import { sealContract } from '../../../src/identity/signed/contract.ts'
import { issueLeaseToken } from '../../../src/identity/token/lease-token.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../../src/lease/stop/redis-stop-store.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { aLease, creating } from '../../lease/a-lease.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { AuthorizerClient, type OpenStream } from './authorizer-client.ts'

export interface HeldLease {
  readonly lease: Lease
  readonly token: string
}

/** Real authorizers on a real store, leases with tokens, and streams that run under them. */
export class Drill {
  readonly namespace = STORY_NAMES.app
  readonly valkey: Valkey
  readonly stops: RedisStopStore
  readonly clients: AuthorizerClient[] = []
  readonly streams: OpenStream[] = []
  readonly #store: RedisLeaseStore
  readonly #supervisor = new Supervisor()
  readonly #directory: string
  readonly #key: SigningKey
  readonly #template: TaskTemplate

  private constructor(valkey: Valkey, link: RedisLink, directory: string, key: SigningKey, template: TaskTemplate) {
    this.valkey = valkey
    this.stops = new RedisStopStore(link)
    this.#store = new RedisLeaseStore(link, { limits: { ...LIMITS, leases: 100_000, leasesPerMinute: 100_000 } })
    this.#directory = directory
    this.#key = key
    this.#template = template
  }

  static async start(authorizers: number): Promise<Drill> {
    const directory = await mkdtemp(join(tmpdir(), 'lg-drill-'))
    const keyFiles = await generateKeyFiles()
    const signing = await parseSigningKey(keyFiles.signing)
    const issuers = {
      cluster: { issuer: 'https://c', jwksFile: '/c' },
      people: { issuer: 'https://p', jwksFile: '/p' },
    }
    const text = policyText(STORY_NAMES, issuers)
    const parsed = parsePolicy(text, 'policy.yaml')
    if (signing.kind === 'problem' || parsed.kind === 'problems') throw new Error('bad set-up')
    const template = parsed.policy.templates.find(({ name }) => name === STORY_NAMES.restart)
    if (template === undefined) throw new Error('no template')
    await writeFile(join(directory, 'policy.yaml'), text)
    await writeFile(join(directory, 'public.json'), keyFiles.verify)
    const valkey = await Valkey.start({ appendfsync: 'everysec' })
    const link = await valkey.connected({ durability: 'everysec', deadlineMs: 5000 })
    const drill = new Drill(valkey, link, directory, signing.value, template)
    await Promise.all(Array.from({ length: authorizers }, (_, at) => drill.#startAuthorizer(`authorizer-${at}`)))
    return drill
  }

  async #startAuthorizer(name: string): Promise<void> {
    const socket = join(this.#directory, `${name}.sock`)
    const env = {
      LEASEGATE_REDIS_URL: this.valkey.url,
      LEASEGATE_DURABILITY: 'everysec',
      LEASEGATE_POLICY_FILE: join(this.#directory, 'policy.yaml'),
      LEASEGATE_PUBLIC_KEYS_FILE: join(this.#directory, 'public.json'),
      LEASEGATE_AUTHORIZER_LISTEN: `unix:${socket}`,
      LEASEGATE_JOURNAL_HIGH_MARK: '10000000',
      LEASEGATE_JOURNAL_HARD_LIMIT: '20000000',
    }
    await this.#supervisor.start({
      name,
      command: process.execPath,
      args: [MAIN, 'authorizer'],
      env,
      logFile: join(this.#directory, `${name}.log`),
      isReady: () => listensOn(socket),
    })
    this.clients.push(new AuthorizerClient(socket))
  }

  async lease(given: Partial<Lease>): Promise<HeldLease> {
    const lease = aLease({
      agent: STORY_NAMES.agent,
      template: this.#template.name,
      namespaces: [this.namespace],
      scope: issueScope(this.#template, [this.namespace]),
      expiresAt: Date.now() + 1_800_000,
      ...given,
    })
    const contract = await sealContract(lease, this.#key)
    const created = await this.#store.create({ ...creating(lease), contract })
    if (created.kind !== 'created') throw new Error(`no lease: ${created.kind}`)
    const { token } = await issueLeaseToken(lease, { key: this.#key, now: Date.now(), ttlMs: 300_000 })
    return { lease, token }
  }

  /** So many streams, spread over leases and authorizers. */
  async open(count: number, leases: readonly HeldLease[]): Promise<void> {
    const opening = Array.from({ length: count }, (_, at) => {
      const held = leases[at % leases.length]
      const client = this.clients[at % this.clients.length]
      if (held === undefined || client === undefined) throw new Error('nothing to open it with')
      return client.open(held.lease)
    })
    this.streams.push(...(await Promise.all(opening)))
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close()
    await this.#supervisor.stop()
    await this.valkey.stop()
    await rm(this.#directory, { recursive: true, force: true })
  }
}
