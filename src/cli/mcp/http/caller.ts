import { createHash } from 'node:crypto'
import QuickLRU from 'quick-lru'
import { parseCompactJws } from '../../../identity/token/compact-jws.ts'
import { WHOAMI, type WhoAmI } from '../../access/whoami.ts'
import type { BrokerClient } from '../../broker/broker-client.ts'
import { BrokerRefusal, CliError } from '../../command/cli-error.ts'

/** Whoever the broker takes the bearer of a token for. */
export interface Caller {
  /** Issuer, subject, agent and sponsor: whoever differs in one is another. */
  readonly identity: string
  readonly agent: string
  readonly token: string
  /** Of the token, epoch milliseconds. */
  readonly expiresAt: number
}

export type Called =
  | { readonly kind: 'caller'; readonly caller: Caller }
  /** 401: another token may do. 403: this one is good, and its bearer may not. 503: nobody knows now. */
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 503; readonly message: string }

/** What the broker said of a token counts so long: a lease is asked for with the token itself, which is looked at anew. */
const REMEMBERED_MS = 5000
const REMEMBERED = 1000
/** A flood of tokens is no flood of questions. */
const MAX_ASKING = 16

interface Options {
  readonly audience: string
  readonly brokerFor: (token: () => string) => BrokerClient
}

/** Tells callers by their tokens. The broker decides who is who; here a token is only held to be meant for this server. */
export class Callers {
  readonly #options: Options
  readonly #known = new QuickLRU<string, Called>({ maxSize: REMEMBERED, maxAge: REMEMBERED_MS })
  readonly #asking = new Map<string, Promise<Called>>()

  constructor(options: Options) {
    this.#options = options
  }

  async find(token: string): Promise<Called> {
    const unfit = this.#unfit(token)
    if (unfit !== null) return { kind: 'refused', status: 401, message: unfit }
    const key = createHash('sha256').update(token).digest('base64')
    const known = this.#known.get(key) ?? (await this.#asking.get(key))
    if (known !== undefined) return known
    if (this.#asking.size >= MAX_ASKING) return { kind: 'refused', status: 503, message: 'too many sign in at once' }
    const asked = this.#ask(token)
    this.#asking.set(key, asked)
    const called = await asked.finally(() => this.#asking.delete(key))
    if (called.kind === 'caller' || called.status !== 503) this.#known.set(key, called)
    return called
  }

  /** Before anybody is asked: it costs us nothing, and is no judgement of who signed it. */
  #unfit(token: string): string | null {
    const payload = parseCompactJws(token)?.payload
    if (payload === undefined) return 'it is not a signed JWT'
    const aud = payload['aud']
    const isOurs = Array.isArray(aud) ? aud.includes(this.#options.audience) : aud === this.#options.audience
    if (!isOurs) return 'its audience is not this server'
    const exp = payload['exp']
    return typeof exp === 'number' && exp * 1000 > Date.now() ? null : 'it has expired'
  }

  async #ask(token: string): Promise<Called> {
    try {
      return toCalled(await this.#options.brokerFor(() => token)('GET', '/v1/whoami', WHOAMI), token)
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      const status = error instanceof BrokerRefusal ? error.status : 503
      if (status === 401 || status === 403) return { kind: 'refused', status, message: error.message }
      return { kind: 'refused', status: 503, message: 'the broker cannot say who you are now' }
    }
  }
}

function toCalled(me: WhoAmI, token: string): Called {
  if (me.kind === 'person')
    return { kind: 'refused', status: 403, message: 'leases are for agents, and you are a person to the broker' }
  const { name: agent, sponsor, identity } = me
  const { issuer, subject, expiresAt } = identity
  return {
    kind: 'caller',
    caller: { identity: JSON.stringify([issuer, subject, agent, sponsor]), agent, token, expiresAt },
  }
}
