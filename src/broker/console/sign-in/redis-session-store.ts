import type { SessionStore } from '../../../identity/sign-in/session-store.ts'
import type { RedisLink } from '../../../redis/connect/connect-redis.ts'
import { CONSOLE_PREFIX } from '../../../redis/keys.ts'

export class RedisSessionStore implements SessionStore {
  readonly #link: RedisLink

  constructor(link: RedisLink) {
    this.#link = link
  }

  async put(id: string, sealed: string, idleMs: number): Promise<void> {
    await this.#link.ask('session', redis => redis.set(keyOf(id), sealed, 'PX', idleMs))
  }

  async find(id: string, idleMs: number): Promise<string | null> {
    const sealed = await this.#link.ask('session', redis => redis.get(keyOf(id)))
    if (sealed !== null) await this.#link.ask('session', redis => redis.pexpire(keyOf(id), idleMs))
    return sealed
  }

  async remove(id: string): Promise<void> {
    await this.#link.ask('session', redis => redis.del(keyOf(id)))
  }
}

function keyOf(id: string): string {
  return `${CONSOLE_PREFIX}session:${id}`
}
