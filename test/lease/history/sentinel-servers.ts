import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import type { RedisSettings } from '../../../src/redis/server-link.ts'
import { PRIMARY, WatchedValkeys } from '../../support/stores/watched-valkeys.ts'
import { until } from '../../support/until.ts'
import type { Moved, Servers } from './servers.ts'

/** A primary and two replicas that fail over by Sentinel alone: killed, asked to, or standing still. */
export class SentinelServers implements Servers {
  readonly #set: WatchedValkeys
  readonly #random: () => number

  private constructor(set: WatchedValkeys, random: () => number) {
    this.#set = set
    this.#random = random
  }

  static async start(random: () => number): Promise<SentinelServers> {
    return new SentinelServers(await WatchedValkeys.start(2), random)
  }

  connect(settings: Partial<RedisSettings>): RedisLink {
    return this.#set.connect(settings)
  }

  /** A replica is as late as it is: Sentinel would mend what is done to it. */
  async detach(): Promise<void> {}

  async failOver(meanwhile: () => Promise<void>): Promise<Moved> {
    const old = await this.#set.primary()
    const how = Math.floor(this.#random() * 3)
    if (how === 0) await this.#set.kill(old)
    else if (how === 1) this.#set.freeze(old)
    else await this.#ask()
    await until('the sentinels to name another primary', async () => {
      await meanwhile()
      return ![old, 0].includes(await this.#set.primary())
    })
    await meanwhile()
    if (how === 0) await this.#set.boot(old)
    else if (how === 1) this.#set.thaw(old)
    await until('the former primary to follow', async () => {
      await meanwhile()
      const said = String(await this.#set.command(old, 'INFO', 'replication').catch(() => ''))
      return said.includes('role:slave') && said.includes('master_link_status:up')
    })
    return 'failover'
  }

  /** Sentinel takes that for a failover, or not, as it pleases: here it is one. */
  async crash(): Promise<void> {}

  async snapshot(): Promise<void> {}

  async restore(): Promise<void> {}

  async stop(): Promise<void> {
    await this.#set.stop()
  }

  async #ask(): Promise<void> {
    await until(
      'a failover to begin',
      async () => (await this.#set.tell(0, 'FAILOVER', PRIMARY).catch(() => null)) === 'OK',
    )
  }
}
