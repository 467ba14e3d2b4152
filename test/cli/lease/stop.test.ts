import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { CliWorld } from '../cli-world.ts'
import { leasegate } from '../leasegate.ts'

let world: CliWorld
beforeAll(async () => {
  world = await CliWorld.start()
})
afterAll(() => world.stop())
afterEach(() => world.as('root', 'start', '--all', '--reason', 'over'))

const request = () => world.as('web-operator', 'lease', 'request', '--template', 'restart-web', '--reason', 'it hangs')
const why = ['--reason', 'a leak']

async function aLease(): Promise<string> {
  let id = ''
  await until('a lease', async () => {
    id = (await request()).stdout.split('\n')[0] ?? ''
    return id !== ''
  })
  return id
}
const stateOf = async (id: string) =>
  JSON.parse((await world.as('root', 'lease', 'show', id, '-o', 'json')).stdout).state

describe('leasegate stop', () => {
  test('--all is the kill switch, and status says so until it is started', async () => {
    const lease = await aLease()
    const stopped = await world.as('root', 'stop', '--all', ...why)
    expect(stopped).toMatchObject({ code: 0, stdout: 'all leases: stopped; none is given until they are started\n' })
    expect(await stateOf(lease)).toMatchObject({ kind: 'revoked', by: 'root', reason: 'a leak' })
    expect((await request()).stderr).toContain('all leases were stopped by root: a leak')
    expect((await world.as('web-operator', 'status')).stdout).toMatch(
      / {2}all leases: stopped since .* by root: a leak\n/,
    )
    expect(await world.as('root', 'start', '--all', ...why)).toMatchObject({ code: 0 })
    expect((await world.as('root', 'status')).stdout).not.toContain('stopped')
    expect(await aLease()).not.toBe(lease)
    expect(await stateOf(lease)).toMatchObject({ kind: 'revoked' })
  })

  test('takes no misspelt name, unless it is said that it is gone', async () => {
    const refused = await world.as('root', 'stop', '--template', 'restart-wbe', ...why)
    expect(refused).toMatchObject({ stdout: '' })
    expect(refused.stderr).toContain('did you mean "restart-web"?')
    const stopped = await world.as('root', 'stop', '--template', 'restart-wbe', '--gone', ...why)
    expect(stopped).toMatchObject({ code: 0 })
    expect(await world.as('root', 'start', '--template', 'restart-wbe', ...why)).toMatchObject({ code: 0 })
  })

  test.each([
    { args: ['stop', '--reason', 'x'], says: /say which leases/ },
    { args: ['stop', '--all', '--agent', 'a', '--reason', 'x'], says: /name one/ },
    { args: ['stop', '--all'], says: /--reason/ },
    { args: ['lease', 'freeze', 'web', '--reason', 'x'], says: /no lease id/ },
    { args: ['lease', 'revoke'], says: /say which leases/ },
    { args: ['lease', 'revoke', '--agent', 'a', '--hold', '2h'], says: /leasegate stop/ },
  ])('refuses $args', async ({ args, says }) => {
    const ran = await world.as('root', ...args)
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(says)
  })
})

describe('leasegate lease', () => {
  test('revoke --template ends all of it, and lets new ones be asked for', async () => {
    const lease = await aLease()
    const ran = await world.as('root', 'lease', 'revoke', '--template', 'restart-web', ...why)
    expect(ran).toMatchObject({ code: 0, stdout: 'template "restart-web": ended; new ones may be asked for\n' })
    expect(await stateOf(lease)).toMatchObject({ kind: 'revoked', reason: 'a leak' })
    await aLease()
  })

  test('freeze and thaw', async () => {
    const lease = await aLease()
    expect(await world.as('root', 'lease', 'freeze', lease, ...why)).toMatchObject({ code: 0 })
    expect((await world.as('root', 'lease', 'show', lease)).stdout).toMatch(
      /kind: frozen\n +by: root\n +reason: a leak/,
    )
    expect(await world.as('root', 'lease', 'thaw', lease, ...why)).toMatchObject({ code: 0 })
    expect(await stateOf(lease)).toEqual({ kind: 'active' })
  })
})

describe('leasegate stop --direct', () => {
  test('works without the broker, which then gives nothing', async () => {
    const lease = await aLease()
    await world.stopBroker()
    expect(await world.as('root', 'stop', '--all', ...why)).toMatchObject({ code: 3, stdout: '' })
    const direct = await leasegate(['stop', '--all', ...why, '--direct', '-o', 'json'], world.brokerEnv())
    expect(direct).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(direct.stdout)).toMatchObject({ stopped: { by: expect.stringContaining('(direct)') } })
    const misspelt = ['stop', '--agent', 'web-operater', ...why, '--direct']
    const refused = await leasegate(misspelt, world.brokerEnv())
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('did you mean "web-operator"?')
    expect(await leasegate([...misspelt, '--gone'], world.brokerEnv())).toMatchObject({ code: 0 })
    const { LEASEGATE_POLICY_FILE: _, ...noPolicy } = world.brokerEnv()
    expect(await leasegate(misspelt, noPolicy)).toMatchObject({ code: 0 })
    await world.startBroker()
    expect((await request()).stderr).toMatch(/stopped by .* \(direct\): a leak/)
    expect(await stateOf(lease)).toMatchObject({ kind: 'revoked' })
  })
})
