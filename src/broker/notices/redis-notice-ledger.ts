import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { CONSOLE_PREFIX } from '../../redis/keys.ts'
import type { Entry, NoticeLedger } from './notice-ledger.ts'

/** Another word than 'told', which brokers of before wrote for what they put off as well. */
const DONE = 'done'

/** Keys that go by themselves: what can be lost with one is that somebody is told twice. */
export class RedisNoticeLedger implements NoticeLedger {
  readonly #link: RedisLink

  constructor(link: RedisLink) {
    this.#link = link
  }

  async claim(entry: Entry, ms: number): Promise<'mine' | 'taken' | 'told'> {
    const before = await this.#link.ask('notice', redis => redis.set(keyOf(entry), 'trying', 'PX', ms, 'NX', 'GET'))
    if (before === null) return 'mine'
    return before === DONE ? 'told' : 'taken'
  }

  async putOff(entry: Entry, ms: number): Promise<void> {
    await this.#link.ask('notice', redis => redis.set(keyOf(entry), 'waiting', 'PX', ms))
  }

  async settle(entry: Entry, left: string, ms: number): Promise<void> {
    // In this order: without what it left nobody could be told that it is over, without the other they are told twice.
    await Promise.all([
      this.#link.ask('notice', redis => redis.set(firstKeyOf(entry), left, 'PX', ms, 'NX')),
      this.#link.ask('notice', redis => redis.set(keyOf(entry), DONE, 'PX', ms)),
    ])
  }

  async first(entry: Omit<Entry, 'message'>): Promise<string | null> {
    return this.#link.ask('notice', redis => redis.get(firstKeyOf(entry)))
  }
}

function keyOf({ receiver, approval, message }: Entry): string {
  const key = `${CONSOLE_PREFIX}notice:${receiver}:${approval}`
  return message === '' ? key : `${key}:${message}`
}

function firstKeyOf({ receiver, approval }: Omit<Entry, 'message'>): string {
  return `${CONSOLE_PREFIX}told:${receiver}:${approval}`
}
