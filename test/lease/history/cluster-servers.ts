import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefixes } from '../../../src/redis/keys.ts'
import type { RedisSettings } from '../../../src/redis/server-link.ts'
import { ClusteredValkeys } from '../../support/stores/clustered-valkeys.ts'
import { until } from '../../support/until.ts'
import type { Moved, Servers } from './servers.ts'

/** Three primaries with a replica each: one of them is killed, asked to, or stands still, or gives a slot away, in either way. */
export class ClusterServers implements Servers {
  readonly #set: ClusteredValkeys
  readonly #random: () => number
  readonly #links: RedisLink[] = []
  #prefix = ''
  #deaf: number | null = null

  private constructor(set: ClusteredValkeys, random: () => number) {
    this.#set = set
    this.#random = random
  }

  static async start(random: () => number): Promise<ClusterServers> {
    return new ClusterServers(await ClusteredValkeys.start(3, PARTITIONS), random)
  }

  connect(settings: Partial<RedisSettings>): RedisLink {
    const link = this.#set.connect(settings)
    this.#links.push(link)
    return link
  }

  /** Of the partition that is lost next, now and then. */
  async detach(): Promise<void> {
    this.#prefix = partitionPrefixes(PARTITIONS)[Math.floor(this.#random() * PARTITIONS)] ?? ''
    if (this.#random() < 0.3) this.#deaf = await this.#set.deafen(await this.#set.ownerOf(this.#prefix))
  }

  async failOver(meanwhile: () => Promise<void>): Promise<Moved> {
    const old = await this.#set.ownerOf(this.#prefix)
    const how = this.#deaf === null ? Math.floor(this.#random() * 5) : 0
    if (how === 0) await this.#set.kill(old)
    else if (how === 1) this.#set.freeze(old)
    else if (how === 2) await this.#set.command(await this.#set.replicaOf(old), 'CLUSTER', 'FAILOVER')
    else if (how === 3) await this.#set.moveAtOnce(this.#prefix)
    else await this.#moveByKey(meanwhile)
    if (this.#deaf !== null) this.#set.thaw(this.#deaf)
    this.#deaf = null
    await until(
      'another to have the partition',
      async () => {
        await meanwhile()
        return (await this.#set.ownerOf(this.#prefix)) !== old
      },
      60_000,
    )
    await meanwhile()
    await this.#set.revive()
    await Promise.all(this.#links.map(link => link.whenReady(20_000)))
    return how < 3 ? 'failover' : 'handed on'
  }

  /** What is killed here is taken over from. */
  async crash(): Promise<void> {}

  async snapshot(): Promise<void> {}

  async restore(): Promise<void> {}

  async stop(): Promise<void> {
    await this.#set.stop()
  }

  async #moveByKey(meanwhile: () => Promise<void>): Promise<void> {
    const { move, end } = await this.#set.beginMove(this.#prefix)
    await move(5)
    await meanwhile()
    await end()
  }
}
