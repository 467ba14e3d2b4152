import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../local/edition/leasegate.ts'
import { freePort } from '../../local/process/ports.ts'
import { CliWorld } from '../cli/cli-world.ts'
import { SURROUNDINGS } from '../cli/leasegate.ts'
import { until } from '../support/until.ts'

/** Of processes: ahead and behind of the store by more than they may be. */
const FAR_MS = [300_000, -300_000, 7_200_000, -7_200_000]
const READY_MS = 60_000
const PRELOAD = new URL('../support/programs/stepped-clock.mjs', import.meta.url).href

let world: CliWorld
let authorizer: ChildProcess
let health: string

beforeAll(async () => {
  const stepped = (dir: string, name: string) => ({
    NODE_OPTIONS: `--import=${PRELOAD}`,
    CLOCK_STEP_FILE: `${dir}/${name}.step`,
  })
  const brokerHealth = await freePort()
  world = await CliWorld.start({
    env: dir => ({ ...stepped(dir, 'broker'), LEASEGATE_HEALTH_LISTEN: `127.0.0.1:${brokerHealth}` }),
  })
  const { LEASEGATE_SIGNING_KEYS_FILE: _, LEASEGATE_BROKER_LISTEN: __, ...env } = world.brokerEnv()
  health = `127.0.0.1:${await freePort()}`
  const own = {
    ...stepped(world.dir, 'authorizer'),
    LEASEGATE_AUTHORIZER_LISTEN: `unix:${world.path('authorizer.sock')}`,
    LEASEGATE_HEALTH_LISTEN: health,
  }
  authorizer = spawn(process.execPath, [MAIN, 'authorizer'], {
    env: { ...env, ...SURROUNDINGS, ...own },
    stdio: 'ignore',
  })
  await readiness('ok')
})
afterAll(async () => {
  authorizer?.kill('SIGKILL')
  await world?.stop()
})

const step = (who: 'broker' | 'authorizer', ms: number) => writeFile(world.path(`${who}.step`), String(ms))

async function readiness(says: string): Promise<void> {
  const ready = () =>
    fetch(`http://${health}/readyz`).then(
      async answer => (await answer.text()).includes(says),
      () => false,
    )
  await until(`readiness: ${says}`, ready, READY_MS)
}

async function ahead(): Promise<number> {
  const text = await (await fetch(`http://${health}/metrics`)).text()
  return Number(/^leasegate_clock_ahead_seconds (\S+)/m.exec(text)?.[1])
}

interface Told {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: of an answer tests say what they expect
  readonly body: any
}

/** With a token that counts, however far the broker's clock is off. */
async function ask(sub: string, method: string, path: string, body: object = {}): Promise<Told> {
  const now = Math.floor(Date.now() / 1000)
  const token = await world.corp.token({ sub, iat: now - 10_000, nbf: now - 10_000, exp: now + 10_000 })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const sent = method === 'GET' ? { method, headers } : { method, headers, body: JSON.stringify(body) }
  const answer = await fetch(`${world.brokerUrl}${path}`, sent)
  return { status: answer.status, body: await answer.json() }
}

const WISH = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '10m' }
const given = async () => (await ask('web-operator', 'POST', '/v1/leases', WISH)).status === 201

describe.each(FAR_MS.map(ms => ({ ms, seconds: ms / 1000 })))('a clock that steps by $seconds s', ({ ms, seconds }) => {
  test('takes an authorizer out of service, which says why, until it is right again', async () => {
    await step('authorizer', ms)
    await readiness(
      `the store cannot be used: our clock is ${Math.abs(seconds)} s ${ms > 0 ? 'ahead of' : 'behind'} its own`,
    )
    expect(Math.abs((await ahead()) - seconds)).toBeLessThan(2)
    await step('authorizer', 0)
    await readiness('ok')
  })

  test('lets a broker give nothing and end everything, and leaves nothing behind', async () => {
    await until('a lease', given, READY_MS)
    const lease = (await ask('web-operator', 'POST', '/v1/leases', WISH)).body.id
    await step('broker', ms)
    const apart = 'the clocks of the broker and of the store are too far apart'
    const isRefused = async () => (await ask('web-operator', 'POST', '/v1/leases', WISH)).body.message?.includes(apart)
    await until('the broker to see it', async () => (await isRefused()) === true, READY_MS)
    expect((await ask('web-operator', 'POST', `/v1/leases/${lease}/token`)).status).toBe(503)
    expect((await ask('root', 'DELETE', `/v1/leases/${lease}`, { reason: 'wrong' })).status).toBe(200)
    const all = { subject: { kind: 'all', name: '' }, reason: 'a leak' }
    expect((await ask('root', 'POST', '/v1/stops', { act: 'stop', ...all })).status).toBe(201)
    expect((await ask('root', 'POST', '/v1/stops', { act: 'start', ...all })).status).toBe(201)
    await step('broker', 0)
    await until('a lease', given, READY_MS)
    expect((await ask('web-operator', 'GET', `/v1/leases/${lease}`)).body.state.kind).toBe('revoked')
  })
})
