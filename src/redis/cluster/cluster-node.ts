import type { RedisLogin } from '../connect/redis-login.ts'
import { type Address, nameOf } from '../guide/address.ts'
import { AskedServer, type Who } from '../guide/asked-server.ts'
import { type NodeSeen, parseNodes } from './parse-nodes.ts'

/** What one node says of the cluster. */
export type NodeSaid = { readonly node: string } & (
  | { readonly kind: 'nodes'; readonly nodes: readonly NodeSeen[] }
  | { readonly kind: 'problem'; readonly why: string }
)

/** One node that is asked about all of them. */
export class ClusterNode {
  readonly #server: AskedServer
  readonly #at: Address

  constructor(at: Address, login: RedisLogin, who: Who) {
    this.#at = at
    this.#server = new AskedServer(at, login, who)
  }

  async ask(): Promise<NodeSaid> {
    const node = nameOf(this.#at)
    const said = await this.#server.ask(redis => redis.call('CLUSTER', 'NODES'))
    if ('why' in said) return { node, kind: 'problem', why: said.why }
    const nodes = parseNodes(String(said.answer), this.#at)
    return nodes === null ? { node, kind: 'problem', why: 'gives no answer of a node' } : { node, kind: 'nodes', nodes }
  }

  close(): void {
    this.#server.close()
  }
}
