import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Watchdog } from '../../../local/process/watchdog.ts'
import { connectRedis, type RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import type { RedisSettings } from '../../../src/redis/server-link.ts'
import { until } from '../until.ts'
import { quickFolder } from './quick-folder.ts'
import { storeServer } from './store-server.ts'

/** Of what a test asks itself: a machine that is busy with other tests answers late. Tests of the product's own deadline say so. */
const PATIENT_MS = 20_000
const QUIET = { info: () => {}, warn: () => {} }

export interface ValkeyOptions {
  readonly appendfsync?: 'always' | 'everysec'
  readonly maxmemory?: string
}

/** A real server on a Unix socket in a directory of its own, as production runs it: append-only file, no eviction. */
export class Valkey {
  readonly dir: string
  readonly #options: ValkeyOptions
  readonly #links: RedisLink[] = []
  /** A test run that is killed takes its servers along. */
  readonly #watchdog = new Watchdog()
  #process: ChildProcess | null = null

  private constructor(dir: string, options: ValkeyOptions) {
    this.dir = dir
    this.#options = options
  }

  static async start(options: ValkeyOptions = {}): Promise<Valkey> {
    const valkey = new Valkey(await quickFolder('leasegate-valkey-'), options)
    await valkey.boot()
    return valkey
  }

  get url(): string {
    return `unix://${join(this.dir, 'valkey.sock')}`
  }

  /** Of the server, while it runs. */
  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error('Valkey does not run')
    return pid
  }

  link(settings: Partial<RedisSettings> = {}): RedisLink {
    const link = connectRedis({ url: this.url, durability: 'always', deadlineMs: PATIENT_MS, ...settings }, QUIET)
    this.#links.push(link)
    return link
  }

  /** A link that can be used at once. */
  async connected(settings: Partial<RedisSettings> = {}): Promise<RedisLink> {
    const link = this.link(settings)
    await until('a connection to Valkey', () => link.ready)
    return link
  }

  async boot(given: Readonly<Record<string, string>> = {}): Promise<void> {
    const { appendfsync = 'always', maxmemory = '0' } = this.#options
    const options = {
      port: '0',
      unixsocket: join(this.dir, 'valkey.sock'),
      unixsocketperm: '600',
      dir: this.dir,
      save: '',
      appendonly: 'yes',
      appendfsync,
      maxmemory,
      'maxmemory-policy': 'noeviction',
      ...given,
    }
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    this.#process = spawn(await storeServer(), flags, { stdio: 'ignore', detached: true })
    const { pid } = this.#process
    if (pid !== undefined) this.#watchdog.watch(pid)
    const probe = connectRedis({ url: this.url, durability: 'always' }, QUIET)
    await until('Valkey to answer', () => probe.ready)
    probe.close()
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === null) return
    this.#process = null
    child.kill('SIGKILL')
    child.kill('SIGCONT')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    if (child.pid !== undefined) this.#watchdog.release(child.pid)
  }

  /** Still connected, answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    for (const link of this.#links) link.close()
    await this.kill()
    this.#watchdog.stop()
    await rm(this.dir, { recursive: true, force: true })
  }
}
