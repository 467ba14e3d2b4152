import type { RedisLogin } from '../connect/redis-login.ts'
import { type Address, nameOf, toAddress } from '../guide/address.ts'
import { AskedServer, codeOf, isReply, type Who } from '../guide/asked-server.ts'

/** What one sentinel says of the primary. */
export type SentinelSaid = { readonly sentinel: string } & (
  | {
      readonly kind: 'primary'
      readonly at: Address
      /** Counts failovers: of two that differ, the one with the higher number knows more. */
      readonly epoch: number
      /** Sentinels that it knows beside itself. */
      readonly others: number
    }
  | { readonly kind: 'problem'; readonly why: string }
)

/** One sentinel. */
export class Sentinel {
  readonly #server: AskedServer
  readonly #where: string
  readonly #primary: string

  constructor(address: Address, primary: string, login: RedisLogin, tls: Who['tls']) {
    this.#where = nameOf(address)
    this.#primary = primary
    this.#server = new AskedServer(address, login, tls === undefined ? {} : { tls })
  }

  async ask(): Promise<SentinelSaid> {
    const sentinel = this.#where
    const said = await this.#server.ask(redis =>
      Promise.all([
        redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#primary),
        // Says nothing but an error where the other one says null.
        redis.call('SENTINEL', 'MASTER', this.#primary).catch(unlessAway),
      ]),
    )
    if ('why' in said) return { sentinel, kind: 'problem', why: said.why }
    const [at, master] = said.answer
    if (at === null) return { sentinel, kind: 'problem', why: `knows no ${this.#primary}` }
    return { sentinel, ...parse(at, master) }
  }

  close(): void {
    this.#server.close()
  }
}

/** What a sentinel answers is not believed to be an address because it stands where one should. */
function parse(at: unknown, master: unknown) {
  const [host, port] = Array.isArray(at) ? at.map(String) : []
  const fields = Array.isArray(master) ? master.map(String) : []
  const numberOf = (field: string) => (fields.includes(field) ? Number(fields[fields.indexOf(field) + 1]) : Number.NaN)
  const [epoch, others] = [numberOf('config-epoch'), numberOf('num-other-sentinels')]
  const address = toAddress(host, port)
  if (address === null || ![epoch, others].every(Number.isSafeInteger)) {
    return { kind: 'problem', why: 'gives no answer of a sentinel' } as const
  }
  return { kind: 'primary', at: address, epoch, others } as const
}

function unlessAway(error: unknown): null {
  if (isReply(error) && codeOf(error) === 'ERR') return null
  throw error
}
