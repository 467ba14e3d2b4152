import type { RedisLogin } from '../connect/redis-login.ts'
import { type Address, nameOf } from '../guide/address.ts'
import type { Who } from '../guide/asked-server.ts'
import type { Guide } from '../guide/guide.ts'
import { RedisError } from '../redis-error.ts'
import { ClusterNode, type NodeSaid } from './cluster-node.ts'
import { claimsOf, ownerOf } from './owner.ts'
import { MOST_NODES, type NodeSeen } from './parse-nodes.ts'

/** Whoever still works with a former primary leaves it within this time, which is shorter than others wait before they rely on the new one. */
const ASK_EVERY_MS = 300

type Follower = (at: Address) => void

/** The nodes of a cluster, asked all the time by one process who has which slot: the one of the settings, and all that they name. */
export class ClusterNodes {
  readonly #first: Address
  readonly #login: RedisLogin
  readonly #who: Who
  readonly #nodes = new Map<string, ClusterNode>()
  readonly #guides: SlotGuide[] = []
  readonly #timer: NodeJS.Timeout
  #asking: Promise<readonly NodeSaid[]> | null = null
  #isClosed = false

  constructor(first: Address, login: RedisLogin, who: Who) {
    this.#first = first
    this.#login = login
    this.#who = who
    this.#keepOnly([first])
    this.#timer = setInterval(() => void this.ask(), ASK_EVERY_MS)
    this.#timer.unref()
  }

  /** Whoever works with this slot. */
  guide(slot: number, what: string): SlotGuide {
    const guide = new SlotGuide(this, slot, what)
    this.#guides.push(guide)
    return guide
  }

  /** What each of them says now; for all who ask at once the same. */
  ask(): Promise<readonly NodeSaid[]> {
    this.#asking ??= this.#askAll().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    for (const node of this.#nodes.values()) node.close()
  }

  async #askAll(): Promise<readonly NodeSaid[]> {
    const said = await Promise.all([...this.#nodes.values()].map(node => node.ask()))
    const views = said.flatMap(one => (one.kind === 'nodes' ? [one.nodes] : []))
    // Who was asked before it was closed may answer after it: nobody would close what that opens.
    if (this.#isClosed) return said
    if (views.length > 0) this.#keepOnly([this.#first, ...views.flat().flatMap(({ at }) => at ?? [])])
    for (const guide of this.#guides) guide.hear(views, this.#nodes.size)
    return said
  }

  /** What has left the cluster is not asked any more: somebody else may be there. Each may name as many as there may be at all, and others than the next one. */
  #keepOnly(addresses: readonly Address[]): void {
    const named = new Map(addresses.map(at => [nameOf(at), at]))
    for (const [name, node] of this.#nodes) {
      if (named.has(name)) continue
      node.close()
      this.#nodes.delete(name)
    }
    for (const [name, at] of named) {
      if (this.#nodes.has(name) || this.#nodes.size >= MOST_NODES) continue
      this.#nodes.set(name, new ClusterNode(at, this.#login, this.#who))
    }
  }
}

/** Leads to the node that has one slot. */
export class SlotGuide implements Guide {
  readonly role: string
  /** Null where nobody told, the last time they were asked. */
  get at(): Address | null {
    return this.#told
  }

  problem: string | null = null
  readonly #nodes: ClusterNodes
  readonly #slot: number
  readonly #what: string
  readonly #followers = new Set<Follower>()
  #newest = -1
  #told: Address | null = null

  constructor(nodes: ClusterNodes, slot: number, what: string) {
    this.#nodes = nodes
    this.#slot = slot
    this.#what = what
    this.role = `by the nodes of the cluster the primary with ${what},`
  }

  async find(): Promise<Address> {
    let said = await this.#nodes.ask()
    // The first answer tells of the others.
    if (said.length === 1 && said[0]?.kind === 'nodes') said = await this.#nodes.ask()
    const at = this.#told
    if (at !== null) return at
    this.problem = `no node of the cluster tells where ${this.#what} is: ${said.map(one => this.#wordsOf(one)).join(', ')}`
    throw new RedisError('unavailable', this.problem)
  }

  follow(follower: Follower): void {
    this.#followers.add(follower)
  }

  unfollow(follower: Follower): void {
    this.#followers.delete(follower)
  }

  #wordsOf(said: NodeSaid): string {
    if (said.kind === 'problem') return `${said.node} ${said.why}`
    const isThere = claimsOf(this.#slot, said.nodes).length > 0
    return `${said.node} names ${isThere ? 'one that has no port for us: TLS, or none, has to be the same on all nodes' : 'none'}`
  }

  /** Whoever hears of it, all follow: of two connections none may write to the one of before while the other one relies on the new one. */
  hear(views: readonly (readonly NodeSeen[])[], nodes: number): void {
    const owner = ownerOf(this.#slot, views, { newest: this.#newest, nodes })
    this.#told = owner?.at ?? null
    if (owner === null) return
    this.#newest = owner.epoch
    for (const follower of this.#followers) follower(owner.at)
  }
}
