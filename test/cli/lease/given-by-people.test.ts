import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { until } from '../../support/until.ts'
import { CliWorld } from '../cli-world.ts'
import { SURROUNDINGS } from '../leasegate.ts'
import { call } from '../mcp/call-tool.ts'

let world: CliWorld
beforeAll(async () => {
  world = await CliWorld.start({
    change: ({ templates, ...policy }) => ({
      ...policy,
      templates: templates.map(template => ({ ...template, maxLeases: 8, issue: { people: 1 } })),
    }),
  })
})
afterAll(() => world.stop())

const request = (...more: readonly string[]) =>
  world.as('web-operator', 'lease', 'request', '--template', 'restart-web', '--reason', 'it hangs', ...more)

interface Asked {
  readonly id: string
  readonly digest: string
  readonly question: { readonly facts: readonly string[] }
}

const questions = async (): Promise<readonly Asked[]> =>
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

/** The question about the lease of this ticket, once it is asked. */
async function questionOf(ticket: string): Promise<Pick<Asked, 'id' | 'digest'>> {
  let found: Asked | undefined
  await until(
    'the question',
    async () => {
      found = (await questions()).find(({ question }) => question.facts.includes(`ticket = ${ticket}`))
      return found !== undefined
    },
    60_000,
  )
  return found ?? { id: '', digest: '' }
}

const stateOf = async (id: string): Promise<string> =>
  JSON.parse((await world.as('web-operator', 'approvals', id, '-o', 'json')).stdout).state

describe('leasegate run, under a lease that a person says yes to', () => {
  const running = (ticket: string, ...more: readonly string[]) =>
    world.as(
      'web-operator',
      ...['run', '--template', 'restart-web', '--reason', 'it hangs', '--ticket', ticket, ...more],
      ...['--', process.execPath, '-e', 'console.log("it ran")'],
    )

  test('waits for it, says for what, and then runs its command', async () => {
    const ran = running('OPS-8')
    const { id, digest } = await questionOf('OPS-8')
    expect(await world.as('hana', 'approve', id, '--digest', digest)).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await ran
    expect(stdout).toContain('it ran')
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`waits here for an answer to ${id}`)
    expect(stderr).toMatch(/leasegate: lease lse_\w+, restart-web in shop/)
  })

  test('runs nothing after a no, nor when nobody has answered in the time of --wait', async () => {
    const ran = running('OPS-9')
    const { id } = await questionOf('OPS-9')
    expect(await world.as('hana', 'reject', id, '--reason', 'not on Fridays')).toMatchObject({ code: 0 })
    expect(await ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('not on Fridays') })
    const late = await running('OPS-10', '--wait', '1s')
    expect(late).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('within 1s') })
    expect(await stateOf((await questionOf('OPS-10')).id)).toBe('pending')
    expect(await running('OPS-10', '--wait', 'soon')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no duration'),
    })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('takes its question back by %s', async signal => {
    const wish = ['--template', 'restart-web', '--reason', 'it hangs', '--ticket', signal]
    const child = spawn(process.execPath, [MAIN, 'run', ...wish, '--', 'true'], {
      env: { ...SURROUNDINGS, ...(await world.envOf('web-operator')), TMPDIR: world.dir },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stderr.on('data', chunk => (said += String(chunk)))
    const exited = once(child, 'exit')
    const { id } = await questionOf(signal)
    await until('it waits', () => said.includes('waits here'))
    child.kill(signal)
    expect(await exited).toEqual([signal === 'SIGINT' ? 130 : 143, null])
    expect(said).toContain(`${id} is taken back`)
    expect(await stateOf(id)).toBe('withdrawn')
  })
})

test('a model is told that its lease waits for a person, waits, and asks again', async () => {
  const env = { ...SURROUNDINGS, ...(await world.envOf('web-operator')), TMPDIR: world.dir }
  const client = new Client({ name: 'a-model', version: '1' })
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], env, stderr: 'inherit' }),
  )
  onTestFinished(() => client.close())
  const wish = { template: 'restart-web', reason: 'it hangs', ticket: 'OPS-11', namespaces: ['shop'] }
  const told = await call(client, 'request_lease', wish)
  const { id, digest } = await questionOf('OPS-11')
  expect(told).toMatchObject({ state: 'pending', approval: id, next: expect.stringContaining('wait_for_approval') })
  expect(await call(client, 'request_lease', wish)).toMatchObject({ state: 'pending', approval: id })
  const waiting = call(client, 'wait_for_approval', { approval: id })
  expect(await world.as('hana', 'approve', id, '--digest', digest)).toMatchObject({ code: 0 })
  expect(await waiting).toMatchObject({ approval: id, state: 'approved' })
  expect(await call(client, 'request_lease', wish)).toMatchObject({
    lease: expect.stringMatching(/^lse_/),
    state: 'active',
  })
})
