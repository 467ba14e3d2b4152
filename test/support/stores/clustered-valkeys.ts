import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../../local/process/ports.ts'
import { type NodeSeen, parseNodes } from '../../../src/redis/cluster/parse-nodes.ts'
import { slotOf } from '../../../src/redis/cluster/slot.ts'
import { connectRedis, type RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { nameOf } from '../../../src/redis/guide/address.ts'
import type { RedisSettings } from '../../../src/redis/server-link.ts'
import { until } from '../until.ts'
import { Valkey, type ValkeyOptions } from './valkey.ts'

const QUIET = { info: () => {}, warn: () => {} }
const SLOTS = 16_384
const HOST = '127.0.0.1'

/** How nodes speak TLS to clients, beside what they speak among themselves. */
export interface Closed {
  readonly open: (port: number) => Promise<{ readonly port: number; readonly flags: Readonly<Record<string, string>> }>
}

interface Node {
  readonly valkey: Valkey
  readonly port: number
  /** For nodes among themselves: by itself 10 000 more, where somebody's connection may be. */
  readonly busPort: number
  /** Where it speaks TLS, and what it is told for that. */
  readonly closed: Awaited<ReturnType<Closed['open']>> | null
}

/** A slot on its way. */
export interface Move {
  readonly from: number
  readonly to: number
  /** At most so many keys, or these; how many there were. */
  readonly move: (which: number | readonly string[]) => Promise<number>
  /** The rest, and who has it from then on. */
  readonly end: () => Promise<void>
}

/** A cluster of real processes: so many primaries, each with a replica. */
export class ClusteredValkeys {
  readonly #nodes: Node[] = []
  readonly #links: RedisLink[] = []
  readonly #partitions: number
  readonly #dead = new Set<number>()

  private constructor(partitions: number) {
    this.#partitions = partitions
  }

  static async start(
    primaries: number,
    partitions: number,
    { closed, ...options }: ValkeyOptions & { readonly closed?: Closed } = {},
  ): Promise<ClusteredValkeys> {
    const set = new ClusteredValkeys(partitions)
    for (let at = 0; at < 2 * primaries; at++) {
      const [port, busPort] = [await freePort(), await freePort()]
      const node = { valkey: await Valkey.start(options), port, busPort, closed: (await closed?.open(port)) ?? null }
      await node.valkey.kill()
      // With an append-only file of before it would not begin as a node of its own.
      await mkdir(join(node.valkey.dir, 'node'))
      set.#nodes.push(node)
      await set.boot(node.port)
    }
    const [first] = set.#nodes
    const meet = ['CLUSTER', 'MEET', HOST, String(first?.port), String(first?.busPort)] as const
    for (const port of set.ports.slice(1)) await set.command(port, ...meet)
    await set.#until('all to know each other', view => view.length === 2 * primaries)
    for (let at = 0; at < primaries; at++) {
      const range = [at, at + 1].map(one => Math.floor((one * SLOTS) / primaries))
      await set.command(set.#port(at), 'CLUSTER', 'ADDSLOTSRANGE', String(range[0]), String((range[1] ?? 0) - 1))
    }
    await set.#until('the slots to be known', view => view.filter(one => one.slots.length > 0).length === primaries)
    for (let at = 0; at < primaries; at++) {
      const id = String(await set.command(set.#port(at), 'CLUSTER', 'MYID'))
      await set.command(set.#port(primaries + at), 'CLUSTER', 'REPLICATE', id)
    }
    await set.healthy()
    return set
  }

  get ports(): readonly number[] {
    return this.#nodes.map(({ port }) => port)
  }

  get url(): string {
    const { port = 0, closed = null } = this.#nodes[0] ?? {}
    return closed === null ? `redis://${HOST}:${port}` : `rediss://${HOST}:${closed.port}`
  }

  /** As the settings have it, for processes. */
  get env(): Record<string, string> {
    return {
      LEASEGATE_REDIS_URL: this.url,
      LEASEGATE_REDIS_CLUSTER: 'yes',
      LEASEGATE_PARTITIONS: String(this.#partitions),
    }
  }

  connect(settings: Partial<RedisSettings> = {}, log = QUIET): RedisLink {
    const cluster = { partitions: this.#partitions }
    const given = { url: this.url, cluster, durability: 'always' as const, ...settings }
    const link = connectRedis(given, log)
    this.#links.push(link)
    return link
  }

  /** Each replica follows its primary, and all slots are served. */
  async healthy(): Promise<void> {
    await until(
      'the cluster to be whole',
      async () => {
        const isWell = async (port: number): Promise<boolean> => {
          const state = String(await this.command(port, 'CLUSTER', 'INFO'))
          const said = String(await this.command(port, 'INFO', 'replication'))
          const follows = said.includes('role:slave') ? said.includes('master_link_status:up') : true
          return state.includes('cluster_state:ok') && follows
        }
        const areWell = await Promise.all(this.ports.map(port => isWell(port).catch(() => false)))
        const views = await this.views()
        const agree = new Set(views.map(view => JSON.stringify(byAddress(view)))).size === 1
        const whole =
          (views[0] ?? []).filter(one => one.isPrimary && one.slots.length > 0).length * 2 === this.ports.length
        return areWell.every(Boolean) && agree && whole
      },
      60_000,
    )
  }

  /** Port of whoever has the slot of this key, by most of the nodes. */
  async ownerOf(key: string): Promise<number> {
    const slot = slotOf(key)
    const claims = (await this.views()).flatMap(view =>
      view.filter(({ slots }) => slots.some(([first, last]) => first <= slot && slot <= last)),
    )
    return claims.toSorted((one, other) => other.epoch - one.epoch)[0]?.at?.port ?? 0
  }

  /** What those nodes that answer see, whatever they tell clients of their ports. */
  async views(): Promise<readonly (readonly NodeSeen[])[]> {
    const asking = this.ports.map(async port => {
      const text = await this.command(port, 'CLUSTER', 'NODES').catch(() => '')
      return (parseNodes(String(text), { host: HOST, port }) ?? []).map(seen => this.#byOwnPort(seen))
    })
    return (await Promise.all(asking)).filter(view => view.length > 0)
  }

  async idOf(port: number): Promise<string> {
    return String(await this.command(port, 'CLUSTER', 'MYID'))
  }

  async boot(port: number): Promise<void> {
    const { valkey, busPort, closed } = this.#node(port)
    await valkey.boot({
      dir: join(valkey.dir, 'node'),
      port: String(port),
      bind: HOST,
      'cluster-port': String(busPort),
      'cluster-enabled': 'yes',
      'cluster-config-file': 'nodes.conf',
      // A busy machine is no dead one.
      'cluster-node-timeout': '5000',
      'cluster-replica-validity-factor': '0',
      'cluster-require-full-coverage': 'no',
      'enable-debug-command': 'local',
      'repl-diskless-sync-delay': '0',
      ...closed?.flags,
    })
  }

  /** kill -9. */
  async kill(port: number): Promise<void> {
    this.#dead.add(port)
    await this.#node(port).valkey.kill()
  }

  /** All that were killed or hang go on. */
  async revive(): Promise<void> {
    for (const { valkey } of this.#nodes) valkey.thaw()
    for (const port of this.#dead) await this.boot(port)
    this.#dead.clear()
    await this.healthy()
  }

  freeze(port: number): void {
    this.#node(port).valkey.freeze()
  }

  thaw(port: number): void {
    this.#node(port).valkey.thaw()
  }

  /** From here on the replica of this primary hears nothing more, also not what is on its way, until it is thawed. */
  async deafen(primary: number): Promise<number> {
    const replica = await this.replicaOf(primary)
    this.freeze(replica)
    await this.command(primary, 'CLIENT', 'KILL', 'TYPE', 'REPLICA')
    return replica
  }

  async replicaOf(port: number): Promise<number> {
    for (const one of this.ports) {
      const said = String(await this.command(one, 'INFO', 'replication').catch(() => ''))
      if (said.includes('role:slave') && said.includes(`master_port:${port}`)) return one
    }
    throw new Error(`nobody follows ${port}`)
  }

  /** The slot of this prefix goes to another primary, whose port this is. */
  async moveAtOnce(prefix: string): Promise<number> {
    const [from, slot] = [await this.ownerOf(prefix), String(slotOf(prefix))]
    const to = await this.#otherThan(from)
    await this.command(from, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', slot, slot, 'NODE', await this.idOf(to))
    return to
  }

  /** The same the old way, key by key, with commands in between. */
  async beginMove(prefix: string): Promise<Move> {
    const slot = String(slotOf(prefix))
    const from = await this.ownerOf(prefix)
    const to = await this.#otherThan(from)
    const [fromId, toId] = [await this.idOf(from), await this.idOf(to)]
    await this.command(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
    await this.command(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
    const some = async (most: number) =>
      (await this.command(from, 'CLUSTER', 'GETKEYSINSLOT', slot, String(most))) as readonly string[]
    const move = async (which: number | readonly string[]): Promise<number> => {
      const keys = typeof which === 'number' ? await some(which) : which
      if (keys.length > 0) await this.command(from, 'MIGRATE', HOST, String(to), '', '0', '5000', 'KEYS', ...keys)
      return keys.length
    }
    const end = async (): Promise<void> => {
      while ((await move(100)) > 0);
      for (const port of [to, from]) await this.command(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId)
    }
    return { from, to, move, end }
  }

  /** Of one of the servers itself, by its socket; those that are down are not waited for. */
  async command(port: number, ...[name, ...args]: readonly [string, ...string[]]): Promise<unknown> {
    const { valkey } = this.#node(port)
    const link = connectRedis({ url: valkey.url, durability: 'always', deadlineMs: 5000 }, QUIET)
    if (!(await link.whenReady(2000))) {
      link.close()
      throw new Error(`${port} does not answer`)
    }
    return link.ask(name, redis => redis.call(name, ...args)).finally(() => link.close())
  }

  async stop(): Promise<void> {
    for (const link of this.#links) link.close()
    await Promise.all(this.#nodes.map(({ valkey }) => valkey.stop()))
  }

  #byOwnPort(seen: NodeSeen): NodeSeen {
    const node = this.#nodes.find(({ closed }) => closed !== null && closed.port === seen.at?.port)
    return node === undefined || seen.at === null ? seen : { ...seen, at: { ...seen.at, port: node.port } }
  }

  async #until(what: string, isSo: (view: readonly NodeSeen[]) => boolean): Promise<void> {
    await until(what, async () => {
      const views = await this.views()
      return views.length === this.ports.length && views.every(isSo)
    })
  }

  async #otherThan(port: number): Promise<number> {
    const [view = []] = await this.views()
    return view.find(one => one.isPrimary && one.slots.length > 0 && one.at?.port !== port)?.at?.port ?? 0
  }

  #port(at: number): number {
    return this.#nodes[at]?.port ?? 0
  }

  #node(port: number): Node {
    const node = this.#nodes.find(one => one.port === port)
    if (node === undefined) throw new Error(`no server at ${port}`)
    return node
  }
}

function byAddress(view: readonly NodeSeen[]): unknown {
  return view
    .map(({ at, isPrimary, slots }) => [at === null ? '' : nameOf(at), isPrimary, slots])
    .toSorted(([one], [other]) => String(one).localeCompare(String(other)))
}
