import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CliWorld } from '../cli-world.ts'
import { leasegate } from '../leasegate.ts'

let world: CliWorld
beforeAll(async () => {
  world = await CliWorld.start()
})
afterAll(() => world.stop())
afterEach(() => world.as('root', 'agent', 'release', 'web-operator'))

const request = () => world.as('web-operator', 'lease', 'request', '--template', 'restart-web', '--reason', 'it hangs')
const idOf = async () => (await request()).stdout.split('\n')[0] ?? ''

describe('leasegate agent', () => {
  test('hold, holds and release tell one story', async () => {
    const lease = await idOf()
    const held = await world.as('root', 'agent', 'hold', 'web-operator', '--reason', 'wrong cluster', '--for', '2h')
    expect(held).toMatchObject({ code: 0, stderr: '' })
    expect(held.stdout).toMatch(/^agent web-operator is held until \S+Z \((2h|1h59m)\), by root: wrong cluster\n/)
    expect(held.stdout).toContain(`ended: ${lease}\n`)
    const refused = await request()
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^leasegate: agent "web-operator" is held until .* by root: wrong cluster; .*\n$/)
    const listed = await world.as('hana', 'agent', 'holds')
    expect(listed.stdout).toMatch(/web-operator +\S+Z .*root +wrong cluster/)
    expect(await world.as('root', 'agent', 'release', 'web-operator', '--reason', 'mended')).toMatchObject({ code: 0 })
    expect((await request()).code).toBe(0)
    expect((await world.as('hana', 'agent', 'holds')).stdout).toBe('no agent is held\n')
  })

  test('until released', async () => {
    const args = ['agent', 'hold', 'web-operator', '--reason', 'wrong cluster', '--until-released', '-o', 'json']
    expect(JSON.parse((await world.as('root', ...args)).stdout)).toMatchObject({ until: null })
    const listed = await world.as('root', 'agent', 'holds', '-o', 'json')
    expect(JSON.parse(listed.stdout)).toEqual([expect.objectContaining({ agent: 'web-operator', until: null })])
    expect((await request()).stderr).toContain('held until released by root')
  })

  test('wants a reason, and one time', async () => {
    expect((await world.as('root', 'agent', 'hold', 'web-operator')).code).toBe(2)
    const both = ['--reason', 'x', '--for', '2h', '--until-released']
    expect((await world.as('root', 'agent', 'hold', 'web-operator', ...both)).code).toBe(2)
    expect((await request()).code).toBe(0)
  })
})

describe('leasegate agent hold --direct', () => {
  test('works without the broker, which then gives the agent nothing', async () => {
    const lease = await idOf()
    await world.stopBroker()
    const hold = ['agent', 'hold', 'web-operator', '--reason', 'broker down', '--for', '2h']
    expect(await world.as('root', ...hold)).toMatchObject({ code: 3, stdout: '' })
    const direct = await leasegate([...hold, '--direct'], world.brokerEnv())
    expect(direct).toMatchObject({ code: 0, stderr: '' })
    expect(direct.stdout).toMatch(
      /^agent web-operator is held until \S+Z \((2h|1h59m)\), by \S.* \(direct\): broker down\n/,
    )
    expect(direct.stdout).toMatch(new RegExp(`ended: .*${lease}\n`))
    await world.startBroker()
    expect((await request()).stderr).toMatch(/held until .* \(direct\): broker down/)
    const shown = await world.as('web-operator', 'lease', 'show', lease, '-o', 'json')
    expect(JSON.parse(shown.stdout).state).toMatchObject({ kind: 'revoked' })
  })

  test.each([
    { args: ['agent', 'hold', 'web-operator', '--reason', 'x', '--for', '40d', '--direct'], says: /30 days at most/ },
    { args: ['agent', 'hold', 'no agent', '--reason', 'x', '--direct'], says: /"no agent" names no agent/ },
    { args: ['agent', 'hold', 'web-operator', '--reason', 'x\ny', '--direct'], says: /one line/ },
  ])('refuses $args', async ({ args, says }) => {
    const ran = await leasegate(args, world.brokerEnv())
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(says)
  })
})

describe('leasegate lease revoke --hold', () => {
  test('ends the lease and holds its agent', async () => {
    const lease = await idOf()
    const revoked = await world.as('root', 'lease', 'revoke', lease, '--reason', 'wrong cluster', '--hold', '2h')
    expect(revoked).toMatchObject({ code: 0 })
    expect(revoked.stdout).toMatch(new RegExp(`^${lease} revoked\\n`))
    expect(revoked.stdout).toMatch(/agent web-operator is held until .*by root: wrong cluster\n$/)
    expect((await request()).stderr).toContain('wrong cluster')
  })
})
