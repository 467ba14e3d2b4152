import { createHash } from 'node:crypto'
import { newLeaseId } from '../../../../src/lease/lease-id.ts'
import { LIMITS } from '../../../../src/lease/limits.ts'
import { RedisLeaseStore } from '../../../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS } from '../../../../src/redis/keys.ts'
import { CREATE } from '../../../../src/redis/scripts.ts'
import { aLease, creating } from '../../../lease/a-lease.ts'
import type { Valkey } from '../../../support/stores/valkey.ts'
import { until } from '../../../support/until.ts'
import type { Holder } from '../../decisions/check/world.ts'
import { MANY } from '../../decisions/check/world.ts'
import { agentName } from './policy.ts'

const OF_AN_AGENT = 100
const limits = { ...LIMITS, contractBytes: MANY, leasesPerMinute: MANY }

/**
 * The broker's own script, once for each id. KEYS as it has them, of one of the leases; ARGV: how many arguments it has, those, and the ids.
 * What it writes into the journal is taken out again.
 */
const FILL = `#!lua
local function create(KEYS, ARGV)
${CREATE.lua.slice(CREATE.lua.indexOf('\n') + 1)}
end
local count = tonumber(ARGV[1])
local args = { unpack(ARGV, 2, count + 1) }
for at = count + 2, #ARGV do
  args[3] = ARGV[at]
  local told = create({ args[1] .. 'lease:' .. ARGV[at], KEYS[2] }, args)
  if told[1] ~= 'created' then
    return redis.error_reply(table.concat(told, ' '))
  end
end
redis.call('DEL', KEYS[2], KEYS[2] .. ':bytes')`
const SHA = createHash('sha1').update(FILL).digest('hex')

/**
 * Makes live leases of many agents, a hundred each; their contracts are of the length of this one's, and nobody can open them. Bytes of the
 * store for each.
 */
export async function fill(valkey: Valkey, { lease }: Holder, contract: string, count: number): Promise<number> {
  const link = await valkey.connected()
  const before = await memoryOf(link)
  // A journal of a million leases on disk is not what is measured; what there is then is written down at once.
  await link.ask('fill', redis => redis.config('SET', 'appendonly', 'no'))
  await link.ask('fill', redis => redis.script('LOAD', FILL))
  for (let made = 0; made < count; made += OF_AN_AGENT) {
    const agent = agentName(made / OF_AN_AGENT)
    const { keys, args } = await whatCreates(aLease({ ...lease, id: newLeaseId(agent, PARTITIONS), agent }), contract)
    const ids = Array.from({ length: Math.min(OF_AN_AGENT, count - made) }, () => newLeaseId(agent, PARTITIONS))
    await link.ask('fill', redis => redis.evalsha(SHA, keys.length, ...keys, args.length, ...args, ...ids))
  }
  const bytes = ((await memoryOf(link)) - before) / count
  await link.ask('fill', redis => redis.config('SET', 'appendonly', 'yes'))
  await until(
    'the store to have written it down',
    async () => /aof_rewrite_in_progress:0/.test(await infoOf(link)),
    120_000,
  )
  link.close()
  return bytes
}

interface Call {
  readonly keys: readonly string[]
  readonly args: readonly (string | number)[]
}

/** As the broker would call its script. */
async function whatCreates(lease: Holder['lease'], contract: string): Promise<Call> {
  let call: Call | null = null
  const link = {
    runDurably: async (_: unknown, keys: readonly string[], args: readonly (string | number)[]) => {
      call = { keys, args }
      return ['created']
    },
  }
  await new RedisLeaseStore(link as unknown as RedisLink, { limits }).create({ ...creating(lease), contract })
  if (call === null) throw new Error('nothing was called')
  return call
}

async function memoryOf(link: RedisLink): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await infoOf(link))?.[1])
}

function infoOf(link: RedisLink): Promise<string> {
  return link.ask('info', redis => redis.info())
}
