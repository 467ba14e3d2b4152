import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { CliWorld } from '../cli-world.ts'

let world: CliWorld
beforeAll(async () => {
  world = await CliWorld.start({
    change: ({ templates, ...policy }) => ({
      ...policy,
      templates: templates.map(template => ({ ...template, issue: { people: 1 } })),
    }),
  })
})
afterAll(() => world.stop())

const request = (...more: readonly string[]) =>
  world.as('web-operator', 'lease', 'request', '--template', 'restart-web', '--reason', 'it hangs', ...more)

const questions = async (): Promise<{ readonly id: string; readonly digest: string }[]> =>
  JSON.parse((await world.as('hana', 'approvals', '-o', 'json')).stdout)

describe('leasegate lease request, of a lease that a person says yes to', () => {
  test('says what it waits for, and how to wait; people see it as every question', async () => {
    expect((await world.as('web-operator', 'whoami')).stdout).toContain('given with a yes of 1 person')
    const { code, stdout, stderr } = await request()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const [asked] = await questions()
    const id = asked?.id ?? ''
    expect(stderr).toContain(`wait with: leasegate approvals wait ${id}, then ask for the same lease again`)
    const shown = (await world.as('hana', 'approvals', id)).stdout
    expect(shown).toContain('request  a lease of template restart-web in shop, shop-dev for 10m')
    expect(shown).toContain('    may get,list pods,secrets in shop,shop-dev')
    expect(shown).not.toContain('no plan')
    expect((await world.as('web-operator', 'lease', 'list')).stdout).toContain(`restart-web (waits for ${id})`)
    expect((await world.as('web-operator', 'lease', 'show', shown.match(/lse_\w+/)?.[0] ?? '')).stdout).toMatch(
      /^# lse_\w+ opens nothing: it stands for a lease that waits for approval/,
    )
    const none = await world.as('web-operator', 'kubeconfig', '--out', world.path('none'))
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('you hold no lease') })
  })

  test('--wait asks again once there is a yes', async () => {
    const waiting = request('--wait', '5m', '--ticket', 'OPS-7', '-o', 'json')
    const mine = async () => {
      const all = await questions()
      return all.find(({ id }) => id !== first) ?? null
    }
    const [{ id: first } = { id: '' }] = await questions()
    await until('the question', async () => (await mine()) !== null, 60_000)
    const { id = '', digest = '' } = (await mine()) ?? {}
    expect(await world.as('hana', 'approve', id, '--digest', digest)).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await waiting
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`waits for approval: template "restart-web" wants a yes of 1 person to ${id}`)
    const lease = JSON.parse(stdout)
    expect(lease).toMatchObject({ given: { approval: id, by: ['hana'] }, task: { ticket: 'OPS-7' } })
    const shown = (await world.as('web-operator', 'lease', 'show', lease.id)).stdout
    expect(shown).toMatch(/^# for \d+ ?m.* more it\n# {3}may get,list pods,secrets in shop,shop-dev\n/)
  })
})
