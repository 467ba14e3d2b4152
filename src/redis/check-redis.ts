import type { RedisLink, RedisSettings } from './connect-redis.ts'

const SKEW_LIMIT_MS = 2000

/** What about the server would break a promise, in words for an operator; empty when all is well. Rejects when it cannot be asked. */
export async function redisProblems(
  link: RedisLink,
  { durability }: Pick<RedisSettings, 'durability'>,
  now: () => number,
): Promise<readonly string[]> {
  const skewMs = await clockSkew(link, now)
  const config = await readConfig(link, ['appendonly', 'appendfsync', 'maxmemory-policy'])
  const problems = {
    [`its clock differs from ours by ${Math.round(skewMs / 1000)} s; leases end at the earlier time`]:
      Math.abs(skewMs) > SKEW_LIMIT_MS,
    'appendonly is off: a restart forgets leases, revocations and the journal': config.get('appendonly') === 'no',
    'maxmemory-policy must be noeviction: any other forgets revocations when memory runs short': ![
      'noeviction',
      undefined,
    ].includes(config.get('maxmemory-policy')),
    'durability is set to always, but appendfsync is not: a crash can lose answered decisions':
      durability === 'always' && !['always', undefined].includes(config.get('appendfsync')),
  }
  return Object.entries(problems).flatMap(([problem, found]) => (found ? [problem] : []))
}

/** The server's clock minus ours, as near as the round trip allows. */
async function clockSkew(link: RedisLink, now: () => number): Promise<number> {
  const before = now()
  const [seconds, micros] = await link.ask('time', redis => redis.time())
  const middle = (before + now()) / 2
  return Number(seconds) * 1000 + Number(micros) / 1000 - middle
}

/** Managed servers may refuse CONFIG; what they do not say is not checked. */
async function readConfig(link: RedisLink, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const read = async (name: string): Promise<[string, string][]> => {
    const reply = await link.ask('config', redis => redis.config('GET', name)).catch(() => [])
    const [, value] = Array.isArray(reply) ? reply.map(String) : []
    return value === undefined ? [] : [[name, value]]
  }
  return new Map((await Promise.all(names.map(read))).flat())
}
