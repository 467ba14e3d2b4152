import { describe, expect, test } from 'vitest'
import { containersIn, type Loose, objectsIn, podsIn, render, valuesOf } from './a-chart.ts'

const GIGABYTE = 1_073_741_824

/** Environment of the first container of each workload of ours, by component. */
async function environments(values: Loose): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const pods = podsIn(objectsIn(await render(values)))
  return new Map(
    pods.map(({ name, spec }) => {
      const env: readonly Loose[] = containersIn(spec).flatMap(({ env = [] }) => env)
      return [name, Object.fromEntries(env.map(({ name: key, value }) => [key, value]))]
    }),
  )
}

async function valkeyArguments(memory?: string): Promise<readonly string[]> {
  const values = await valuesOf('embedded')
  if (memory !== undefined) values.embedded.valkey = { resources: { limits: { memory } } }
  const valkey = podsIn(objectsIn(await render(values))).find(({ name }) => name.endsWith('-valkey'))
  return containersIn(valkey?.spec)[0].args
}

describe('the embedded store', () => {
  test('stops before its container would be killed, and forgets nothing', async () => {
    const args = await valkeyArguments()
    expect(args[args.indexOf('--maxmemory-policy') + 1]).toBe('noeviction')
    const most = Number(args[args.indexOf('--maxmemory') + 1])
    expect(most).toBeGreaterThan(GIGABYTE / 2)
    expect(most).toBeLessThan(GIGABYTE * 0.8)
    expect((await valkeyArguments('512Mi')).join(' ')).toContain(`--maxmemory ${Math.floor((GIGABYTE / 2) * 0.6)}`)
  })

  test('has room for as many journals as there are partitions', async () => {
    const args = await valkeyArguments()
    const env = (await environments(await valuesOf('embedded'))).get('Deployment/lg-leasegate-authorizer')
    const hard = Number(env?.['LEASEGATE_JOURNAL_HARD_BYTES'])
    expect(Number(env?.['LEASEGATE_JOURNAL_HIGH_BYTES'])).toBeLessThan(hard)
    expect(hard * Number(env?.['LEASEGATE_PARTITIONS'])).toBeLessThan(Number(args[args.indexOf('--maxmemory') + 1]))
  })

  test('says what it cannot read', async () => {
    await expect(valkeyArguments('1.5Gi')).rejects.toThrow('embedded.valkey.resources.limits.memory must be')
  })
})

describe('users of a managed store', () => {
  test('are the parts’ own where they are named, and one for all where they are not', async () => {
    const values = await valuesOf('stores-tls')
    values.redis.users = { tap: { username: 'leasegate-tap', passwordKey: 'tap-password' } }
    const env = await environments(values)
    expect(env.get('Deployment/lg-leasegate-tap')).toMatchObject({
      LEASEGATE_REDIS_USERNAME: 'leasegate-tap',
      LEASEGATE_REDIS_PASSWORD_FILE: '/etc/leasegate/redis/tap-password',
    })
    for (const part of ['authorizer', 'broker']) {
      expect(env.get(`Deployment/lg-leasegate-${part}`)).toMatchObject({
        LEASEGATE_REDIS_USERNAME: 'leasegate',
        LEASEGATE_REDIS_PASSWORD_FILE: '/etc/leasegate/redis/redis-password',
      })
    }
  })
})

describe('replicas of a managed store', () => {
  test('that must have what may not be lost are known to all parts, the doctor and the first job among them', async () => {
    const values = await valuesOf('stores-tls')
    const [none, two] = [
      await environments(values),
      await environments({ ...values, redis: { ...values.redis, durableReplicas: 2 } }),
    ]
    const who = [...two].filter(([, env]) => env['LEASEGATE_REDIS_URL'] !== undefined)
    expect(who.length).toBeGreaterThanOrEqual(5)
    for (const [name, env] of who) {
      expect({ name, replicas: env['LEASEGATE_REDIS_REPLICAS'] }).toEqual({ name, replicas: '2' })
    }
    expect([...none.values()].filter(env => env['LEASEGATE_REDIS_REPLICAS'] !== undefined)).toEqual([])
  })
})

describe('a store that sentinels watch', () => {
  test('is known by its name and by those who tell where it is, to all parts, the doctor and the first job among them', async () => {
    const values = await valuesOf('stores-sentinel')
    const who = [...(await environments(values))].filter(([, env]) => env['LEASEGATE_REDIS_URL'] !== undefined)
    expect(who.length).toBeGreaterThanOrEqual(5)
    for (const [name, env] of who) {
      expect({ name, ...env }).toMatchObject({
        name,
        LEASEGATE_REDIS_URL: 'rediss://mymaster',
        LEASEGATE_REDIS_SENTINELS: values.redis.sentinel.addresses.join(','),
        LEASEGATE_REDIS_SENTINEL_USERNAME: 'leasegate',
        LEASEGATE_REDIS_SENTINEL_PASSWORD_FILE: '/etc/leasegate/redis-sentinel/sentinel-password',
        LEASEGATE_REDIS_SENTINEL_TLS: 'yes',
        LEASEGATE_REDIS_SENTINEL_CA_FILE: '/etc/leasegate/redis-sentinel-ca/ca.crt',
      })
    }
    const pods = podsIn(objectsIn(await render(values))).filter(({ name }) => who.some(([one]) => one === name))
    for (const { name, spec } of pods) {
      const secrets = spec.volumes.map(({ secret }: Loose) => secret?.secretName)
      expect({ name, secrets }).toMatchObject({
        secrets: expect.arrayContaining(['leasegate-sentinel', 'sentinel-ca']),
      })
      const mounts = containersIn(spec).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }: Loose) => name))
      expect(mounts).toEqual(expect.arrayContaining(['redis-sentinel', 'redis-sentinel-ca']))
    }
  })

  test('is reached on its ports and on those of sentinels, and nothing is said of them where there are none', async () => {
    const objects = objectsIn(await render(await valuesOf('stores-sentinel')))
    const tap = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'lg-leasegate-tap')
    const ports = tap.spec.egress.map(({ ports = [] }: Loose) => ports.map(({ port }: Loose) => port))
    expect(ports).toContainEqual([6379, 26379])
    const none = [...(await environments(await valuesOf('stores-tls'))).values()]
    expect(none.flatMap(env => Object.keys(env)).filter(name => name.includes('SENTINEL'))).toEqual([])
  })
})

describe('a store in Cluster mode', () => {
  test('is known as one to all parts, the doctor and the first job among them, and to nobody unless it is', async () => {
    const values = await valuesOf('stores-tls')
    const told = async (given: Loose) =>
      [...(await environments(given))].filter(([, env]) => env['LEASEGATE_REDIS_URL'])
    expect((await told(values)).filter(([, env]) => 'LEASEGATE_REDIS_CLUSTER' in env)).toEqual([])
    const who = await told({ ...values, redis: { ...values.redis, cluster: true } })
    expect(who.length).toBeGreaterThanOrEqual(5)
    for (const [name, env] of who) expect({ name, ...env }).toMatchObject({ name, LEASEGATE_REDIS_CLUSTER: 'yes' })
  })
})
