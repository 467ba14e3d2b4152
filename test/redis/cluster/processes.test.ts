import { type ChildProcess, spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { freePort } from '../../../local/process/ports.ts'
import { agentPartition, partitionName } from '../../../src/lease/lease-id.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { CliWorld } from '../../cli/cli-world.ts'
import { SURROUNDINGS } from '../../cli/leasegate.ts'
import { ClusteredValkeys } from '../../support/stores/clustered-valkeys.ts'
import { until } from '../../support/until.ts'

const AGENT = 'web-operator'

let set: ClusteredValkeys
let world: CliWorld
let authorizer: ChildProcess
let health: string

beforeAll(async () => {
  set = await ClusteredValkeys.start(3, PARTITIONS)
  world = await CliWorld.start({ env: () => set.env })
  const { LEASEGATE_SIGNING_KEYS_FILE: _, LEASEGATE_BROKER_LISTEN: __, ...env } = world.brokerEnv()
  health = `127.0.0.1:${await freePort()}`
  const own = { LEASEGATE_AUTHORIZER_LISTEN: `unix:${world.path('a.sock')}`, LEASEGATE_HEALTH_LISTEN: health }
  authorizer = spawn(process.execPath, [MAIN, 'authorizer'], {
    env: { ...SURROUNDINGS, ...env, ...own },
    stdio: 'ignore',
  })
  await until('the authorizer to be ready', async () => (await readyz()) === 200, 60_000)
}, 240_000)
afterAll(async () => {
  authorizer?.kill('SIGKILL')
  await world?.stop()
  await set?.stop()
})

const readyz = () =>
  fetch(`http://${health}/readyz`)
    .then(answer => answer.status)
    .catch(() => 0)

async function lease(): Promise<string> {
  const wish = ['--template', 'restart-web', '--namespace', 'shop', '--reason', 'slow', '-o', 'json']
  const { stdout, stderr } = await world.as(AGENT, 'lease', 'request', ...wish)
  expect(stderr).toBe('')
  return JSON.parse(stdout).id
}

async function stateOf(id: string): Promise<string> {
  return (await world.as(AGENT, 'lease', 'show', id)).stdout
}

describe('broker and authorizer on a store in Cluster mode', () => {
  test('a node that is lost takes its partitions along and no others; who looks or ends all leases meanwhile is told that it was not all', async () => {
    const [first, id] = [await lease(), await lease()]
    const mine = partitionPrefix(agentPartition(AGENT, PARTITIONS))
    const lost = await otherThan(await set.ownerOf(mine))
    await set.kill(await set.replicaOf(lost))
    await set.kill(lost)
    const last = await lease()
    expect(await readyz()).toBe(200)
    expect((await fetch(`${world.brokerUrl}/readyz`)).status).toBe(200)
    const notAll = expect.stringMatching(
      /this is not all: parts? [0-9, ]+ of the store do(?:es)? not answer; try again for the rest\n$/,
    )
    const listed = await world.as('root', 'lease', 'list', '-o', 'json')
    expect(listed).toEqual({ code: 3, stdout: expect.any(String), stderr: notAll })
    const ids = JSON.parse(listed.stdout).map((one: { id: string }) => one.id)
    expect(ids).toEqual(expect.arrayContaining([first, id, last]))
    expect(await world.as('root', 'approvals')).toEqual({ code: 3, stdout: '', stderr: notAll })
    // What picks a lease out of a list does not pick out of half of it.
    expect((await world.as('root', 'status')).code).toBe(3)
    const revoke = ['lease', 'revoke', '--all', '--reason', 'drill']
    const half = await world.as('root', ...revoke)
    const told = expect.stringMatching(/done in [1-3] of 4 parts of the store: say it again\n$/)
    expect(half).toEqual({ code: 3, stdout: '', stderr: told })
    await set.revive()
    await until('it to be done', async () => (await world.as('root', ...revoke)).code === 0, 60_000)
    for (const one of [first, id, last]) expect(await stateOf(one)).toMatch(/ended|revoked/)
  }, 240_000)
})

/** One that has a partition, and not this one's. */
async function otherThan(port: number): Promise<number> {
  const owners = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, at) => set.ownerOf(partitionPrefix(partitionName(at)))),
  )
  const found = owners.find(one => one !== port)
  if (found === undefined) throw new Error('no other node has a partition')
  return found
}
