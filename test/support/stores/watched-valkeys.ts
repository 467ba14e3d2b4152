import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../../local/process/ports.ts'
import { Watchdog } from '../../../local/process/watchdog.ts'
import { connectRedis, type RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import type { RedisSettings } from '../../../src/redis/server-link.ts'
import { until } from '../until.ts'
import { quickFolder } from './quick-folder.ts'
import { storeServer } from './store-server.ts'
import { Valkey, type ValkeyOptions } from './valkey.ts'

const QUIET = { info: () => {}, warn: () => {} }
export const PRIMARY = 'mymaster'
export const SENTINEL_LOGIN = { username: 'leasegate', password: 'sesame-of-sentinels' }

/** What the product asks of a sentinel, and no more. */
const RIGHTS = '-@all +hello +auth +sentinel|get-master-addr-by-name +sentinel|master'
/** Of minutes, seconds are made. */
const HURRY = ['publish-period', '200', 'info-period', '300', 'ping-period', '100', 'ask-period', '100']

interface Node {
  readonly valkey: Valkey
  readonly port: number
}

interface SentinelProcess {
  readonly port: number
  readonly process: ChildProcess
  readonly redis: Redis
}

/** A primary and its replicas, watched by three sentinels: real processes, all of them. */
export class WatchedValkeys {
  readonly dir: string
  readonly passwordFile: string
  readonly #nodes: Node[] = []
  readonly #sentinels: SentinelProcess[] = []
  readonly #watchdog = new Watchdog()
  readonly #links: RedisLink[] = []

  private constructor(dir: string) {
    this.dir = dir
    this.passwordFile = join(dir, 'sentinel-password')
  }

  static async start(replicas: number, options: ValkeyOptions = {}): Promise<WatchedValkeys> {
    const set = new WatchedValkeys(await quickFolder('leasegate-watched-'))
    await writeFile(set.passwordFile, SENTINEL_LOGIN.password)
    for (let at = 0; at <= replicas; at++) {
      const node = { valkey: await Valkey.start(options), port: await freePort() }
      await node.valkey.kill()
      set.#nodes.push(node)
      await set.boot(node.port)
      if (at > 0) await set.command(node.port, 'REPLICAOF', '127.0.0.1', String(set.#nodes[0]?.port))
    }
    const [first] = set.#nodes
    await until('the replicas to follow', async () => {
      const said = String(await set.command(first?.port ?? 0, 'INFO', 'replication'))
      return said.match(/state=online/g)?.length === replicas
    })
    for (let at = 0; at < 3; at++) await set.#startSentinel(at, first?.port ?? 0)
    await until('the sentinels to know all', async () => (await set.#known()).every(n => n === 2 + replicas))
    return set
  }

  get sentinels(): readonly { readonly host: string; readonly port: number }[] {
    return this.#sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  }

  get ports(): readonly number[] {
    return this.#nodes.map(({ port }) => port)
  }

  /** As the settings have it, for processes. */
  get env(): Record<string, string> {
    return {
      LEASEGATE_REDIS_URL: `redis://${PRIMARY}`,
      LEASEGATE_REDIS_SENTINELS: this.sentinels.map(({ host, port }) => `${host}:${port}`).join(','),
      LEASEGATE_REDIS_SENTINEL_USERNAME: SENTINEL_LOGIN.username,
      LEASEGATE_REDIS_SENTINEL_PASSWORD_FILE: this.passwordFile,
    }
  }

  connect(settings: Partial<RedisSettings> = {}, log = QUIET): RedisLink {
    const sentinels = {
      addresses: this.sentinels,
      username: SENTINEL_LOGIN.username,
      passwordFile: this.passwordFile,
    }
    const given = { url: `redis://${PRIMARY}`, sentinels, durability: 'always' as const, ...settings }
    const link = connectRedis(given, log)
    this.#links.push(link)
    return link
  }

  /** Port of whoever most sentinels call the primary. */
  async primary(): Promise<number> {
    const named = await Promise.all(
      this.#sentinels.map(async ({ redis }) => {
        const said = await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', PRIMARY).catch(() => null)
        return Array.isArray(said) ? Number(said[1]) : 0
      }),
    )
    return named.toSorted((a, b) => a - b)[1] ?? 0
  }

  async boot(port: number): Promise<void> {
    await this.#node(port).valkey.boot({ port: String(port), bind: '127.0.0.1', 'repl-diskless-sync-delay': '0' })
  }

  /** kill -9. */
  kill(port: number): Promise<void> {
    return this.#node(port).valkey.kill()
  }

  freeze(port: number): void {
    this.#node(port).valkey.freeze()
  }

  thaw(port: number): void {
    this.#node(port).valkey.thaw()
  }

  /** Of one of the servers itself, whoever leads. */
  async command(port: number, ...[name, ...args]: readonly [string, ...string[]]): Promise<unknown> {
    const { valkey } = this.#node(port)
    const link = connectRedis({ url: valkey.url, durability: 'always', deadlineMs: 20_000 }, QUIET)
    await until('the server to answer', () => link.ready)
    return link.ask(name, redis => redis.call(name, ...args)).finally(() => link.close())
  }

  async tell(sentinel: number, ...args: readonly string[]): Promise<unknown> {
    return this.#sentinels[sentinel]?.redis.call('SENTINEL', ...args)
  }

  /** All three, until they are told to go on. */
  freezeSentinels(): void {
    for (const { process } of this.#sentinels) process.kill('SIGSTOP')
  }

  thawSentinels(): void {
    for (const { process } of this.#sentinels) process.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    for (const link of this.#links) link.close()
    for (const { process, redis } of this.#sentinels) {
      redis.disconnect()
      process.kill('SIGKILL')
      if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
    }
    await Promise.all(this.#nodes.map(({ valkey }) => valkey.stop()))
    this.#watchdog.stop()
    await rm(this.dir, { recursive: true, force: true })
  }

  #node(port: number): Node {
    const node = this.#nodes.find(one => one.port === port)
    if (node === undefined) throw new Error(`no server at ${port}`)
    return node
  }

  async #startSentinel(at: number, primary: number): Promise<void> {
    const port = await freePort()
    const dir = join(this.dir, `sentinel-${at}`)
    await mkdir(dir)
    const { username, password } = SENTINEL_LOGIN
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `user ${username} on >${password} ${RIGHTS}`,
      `user narrow on >${password} -@all +hello +auth`,
      `sentinel monitor ${PRIMARY} 127.0.0.1 ${primary} 2`,
      `sentinel down-after-milliseconds ${PRIMARY} 1000`,
      `sentinel failover-timeout ${PRIMARY} 3000`,
    ]
    // It writes what it learns into this file.
    await writeFile(join(dir, 'sentinel.conf'), `${lines.join('\n')}\n`)
    const child = spawn(await storeServer(), [join(dir, 'sentinel.conf'), '--sentinel'], {
      stdio: 'ignore',
      detached: true,
    })
    if (child.pid !== undefined) this.#watchdog.watch(child.pid)
    const redis = new Redis({ host: '127.0.0.1', port, enableReadyCheck: false, retryStrategy: () => 50 })
    redis.on('error', () => undefined)
    await redis.call('SENTINEL', 'DEBUG', ...HURRY)
    this.#sentinels.push({ port, process: child, redis })
  }

  /** How many others each sentinel knows. */
  async #known(): Promise<readonly number[]> {
    return Promise.all(
      this.#sentinels.map(async ({ redis }) => {
        const [others, replicas] = await Promise.all([
          redis.call('SENTINEL', 'SENTINELS', PRIMARY),
          redis.call('SENTINEL', 'REPLICAS', PRIMARY),
        ])
        return [others, replicas].reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0)
      }),
    )
  }
}
