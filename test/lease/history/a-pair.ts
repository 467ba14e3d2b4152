import { cp, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectRedis, type RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import type { RedisSettings } from '../../../src/redis/server-link.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { until } from '../../support/until.ts'
import type { Moved, Servers } from './servers.ts'

const QUIET = { info: () => {}, warn: () => {} }

interface Node {
  readonly valkey: Valkey
  readonly port: string
}

async function aPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return String(typeof address === 'object' ? address?.port : '')
}

/** A replica is served at once: nobody else is waited for. */
function listening(port: string): Readonly<Record<string, string>> {
  return { port, bind: '127.0.0.1', 'repl-diskless-sync-delay': '0' }
}

async function aNode(): Promise<Node> {
  const valkey = await Valkey.start()
  const port = await aPort()
  await valkey.kill()
  await valkey.boot(listening(port))
  return { valkey, port }
}

/** A primary and its replica behind one address, as whatever fails over between them gives it. */
export class Pair implements Servers {
  #primary: Node
  #replica: Node
  readonly #directory: string
  readonly #links: RedisLink[] = []

  private constructor(primary: Node, replica: Node, directory: string) {
    this.#primary = primary
    this.#replica = replica
    this.#directory = directory
  }

  static async start(): Promise<Pair> {
    const [primary, replica] = [await aNode(), await aNode()]
    const pair = new Pair(primary, replica, await mkdtemp(join(tmpdir(), 'leasegate-pair-')))
    await pair.#lead()
    await pair.#follow()
    return pair
  }

  connect(settings: Partial<RedisSettings>): RedisLink {
    const url = `unix://${join(this.#directory, 'current.sock')}`
    const link = connectRedis({ url, durability: 'always', ...settings }, QUIET)
    this.#links.push(link)
    return link
  }

  /** From here on the replica hears nothing. */
  async detach(): Promise<void> {
    await command(this.#replica, ['REPLICAOF', 'NO', 'ONE'])
  }

  /** kill -9 of the primary, and the other one takes over as it is. */
  async failOver(): Promise<Moved> {
    await this.detach()
    await this.#primary.valkey.kill()
    ;[this.#primary, this.#replica] = [this.#replica, this.#primary]
    await this.#lead()
    await this.#boot(this.#replica)
    await this.#follow()
    return 'failover'
  }

  /** kill -9 of the primary, which comes back as it was. */
  async crash(): Promise<void> {
    await this.#primary.valkey.kill()
    await this.#boot(this.#primary)
    await this.#follow()
  }

  async snapshot(): Promise<void> {
    const into = join(this.#directory, 'snapshot')
    await rm(into, { recursive: true, force: true })
    await cp(join(this.#primary.valkey.dir, 'appendonlydir'), into, { recursive: true })
  }

  /** The primary comes back as it was at the snapshot. */
  async restore(): Promise<void> {
    await this.#primary.valkey.kill()
    const files = join(this.#primary.valkey.dir, 'appendonlydir')
    await rm(files, { recursive: true, force: true })
    await cp(join(this.#directory, 'snapshot'), files, { recursive: true })
    await this.#boot(this.#primary)
    await this.#follow()
  }

  async stop(): Promise<void> {
    for (const link of this.#links) link.close()
    await Promise.all([this.#primary.valkey.stop(), this.#replica.valkey.stop()])
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #boot({ valkey, port }: Node): Promise<void> {
    await valkey.boot(listening(port))
  }

  async #lead(): Promise<void> {
    const next = join(this.#directory, 'next.sock')
    await symlink(join(this.#primary.valkey.dir, 'valkey.sock'), next)
    await rename(next, join(this.#directory, 'current.sock'))
  }

  async #follow(): Promise<void> {
    await command(this.#replica, ['REPLICAOF', '127.0.0.1', this.#primary.port])
    await until('the replica to follow', async () =>
      String(await command(this.#replica, ['INFO', 'replication'])).includes('master_link_status:up'),
    )
  }
}

async function command({ valkey }: Node, [name = '', ...args]: readonly string[]): Promise<unknown> {
  const link = await valkey.connected()
  try {
    return await link.ask(name, redis => redis.call(name, ...args))
  } finally {
    link.close()
  }
}
