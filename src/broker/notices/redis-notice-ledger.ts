import type { RedisLink } from '../../redis/connect-redis.ts'
import { CONSOLE_PREFIX } from '../../redis/keys.ts'
import type { NoticeLedger } from './notice-ledger.ts'

/** A key a question and way, which goes by itself: what can be lost of it is that somebody is told twice. */
export class RedisNoticeLedger implements NoticeLedger {
  readonly #link: RedisLink

  constructor(link: RedisLink) {
    this.#link = link
  }

  async claim(way: string, approval: string, ms: number): Promise<boolean> {
    const key = keyOf(way, approval)
    return (await this.#link.ask('notice', redis => redis.set(key, 'trying', 'PX', ms, 'NX'))) === 'OK'
  }

  async settle(way: string, approval: string, ms: number): Promise<void> {
    await this.#link.ask('notice', redis => redis.set(keyOf(way, approval), 'told', 'PX', ms))
  }
}

function keyOf(way: string, approval: string): string {
  return `${CONSOLE_PREFIX}notice:${way}:${approval}`
}
