import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from '../../broker/console/browser.ts'
import { enterCode, LoginWorld, Running } from '../login/login-world.ts'

let world: LoginWorld
beforeAll(async () => {
  world = await LoginWorld.start({ clientId: 'leasegate-cli' }, { clientId: 'leasegate-consent' })
})
afterAll(() => world.stop())

const REQUEST = ['lease', 'request', '--template', 'restart-web', '--reason', 'hana asked', '-o', 'json']

describe('leasegate lease request --on-behalf-of-login', () => {
  test('is for the person who entered the code, and nothing of it is kept', async () => {
    const running = new Running([...REQUEST, '--on-behalf-of-login'], await world.cli.envOf('butler'))
    await enterCode(new Browser('', 'none:'), await running.direct())
    const { code, stdout, stderr } = await running.ended
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('lets this agent act for them')
    const lease = JSON.parse(stdout)
    expect(lease).toMatchObject({
      agent: 'butler',
      sponsor: 'hana',
      onBehalfOf: { issuer: 'people', subject: 'hana' },
    })
    expect(`${stdout}${stderr}`).not.toMatch(/eyJ\w+\.\w+/)
  })

  test('is nobody’s who says no, or whom the policy does not know', async () => {
    const refused = new Running([...REQUEST, '--on-behalf-of-login'], await world.cli.envOf('butler'))
    await enterCode(new Browser('', 'none:'), await refused.direct(), 'hana', { abort: 'yes' })
    expect(await refused.ended).toMatchObject({ code: 1, stdout: '' })
    const stranger = new Running([...REQUEST, '--on-behalf-of-login'], await world.cli.envOf('butler'))
    await enterCode(new Browser('', 'none:'), await stranger.direct(), 'stranger')
    expect(await stranger.ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('consent') })
  })

  test('is no login, and goes with no token of a file', async () => {
    await using home = await world.home()
    expect((await home.logIn()).stdout).toMatch(/^hana, approver\n/)
    const both = await world.cli.as('butler', ...REQUEST, '--on-behalf-of-login', '--on-behalf-of', 'x')
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be used with') })
  })
})
