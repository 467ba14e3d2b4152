import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_COMMANDS } from '../../src/cli/commands.ts'
import { PLATFORM_COMMANDS } from '../../src/cli/platform-commands.ts'
import { asker } from './approval/asker.ts'
import { CliWorld } from './cli-world.ts'
import { inProcess } from './setup/in-process.ts'

let world: CliWorld
let folder: string
beforeAll(async () => {
  ;[world, folder] = await Promise.all([CliWorld.start(), mkdtemp(join(tmpdir(), 'leasegate-output-'))])
})
afterAll(async () => {
  await world?.stop()
  await rm(folder, { recursive: true })
})

const GROUPS = { clients: CLIENT_COMMANDS, platform: PLATFORM_COMMANDS }

/** What it printed for programs, and how it ended. */
async function asked(env: Readonly<Record<string, string>>, args: readonly string[]) {
  const { code, stdout, stderr } = await inProcess([...args, '-o', 'json'], env, GROUPS)
  return { code, stderr, value: stdout === '' ? null : JSON.parse(stdout) }
}

const as = async (sub: string, ...args: readonly string[]) => asked(await world.envOf(sub), args)
const here = (...args: readonly string[]) => asked({}, args)

async function aLease(): Promise<Record<string, unknown> & { readonly id: string }> {
  const wish = ['lease', 'request', '--template', 'restart-web', '--reason', 'it hangs', '--ttl', '5m']
  return (await as('web-operator', ...wish)).value
}

const good = (value: unknown) => ({ code: 0, stderr: expect.any(String), value })

describe('-o json of what the broker is asked', () => {
  test('is JSON of leases, from their beginning to their end', async () => {
    const lease = await aLease()
    expect(lease).toMatchObject({ template: 'restart-web', state: { kind: 'active' } })
    const { id } = lease
    expect(await as('web-operator', 'lease', 'show', id)).toEqual(good(expect.objectContaining({ id })))
    expect(await as('web-operator', 'lease', 'list')).toEqual(good([expect.objectContaining({ id })]))
    expect(await as('web-operator', 'status')).toEqual(good(expect.objectContaining({ questions: [] })))
    expect(await as('web-operator', 'whoami')).toEqual(good(expect.objectContaining({ name: 'web-operator' })))
    expect(await as('web-operator', 'kubeconfig', '--lease', id)).toEqual(
      good(expect.objectContaining({ kind: 'Config' })),
    )
    expect(await as('web-operator', 'lease', 'narrow', id, '--read-only')).toEqual(
      good(expect.objectContaining({ id })),
    )
    const revoked = await as('web-operator', 'lease', 'revoke', id, '--reason', 'done')
    expect(revoked).toEqual(good(expect.objectContaining({ id, state: expect.objectContaining({ kind: 'revoked' }) })))
  })

  test('is JSON of subjects, and of agents that are held', async () => {
    const { id } = await aLease()
    const why = ['--reason', 'a drill']
    const subject = { kind: 'template', name: 'restart-web' }
    for (const [act, ...which] of [
      ['freeze', id],
      ['thaw', id],
      ['revoke', '--template', 'restart-web'],
    ] as const) {
      const { code, value } = await as('root', 'lease', act, ...which, ...why)
      expect({ act, code }).toEqual({ act, code: 0 })
      expect(value.subject).toEqual(act === 'revoke' ? subject : { kind: 'lease', name: id })
    }
    expect(await as('root', 'stop', '--all', ...why)).toEqual(
      good(expect.objectContaining({ stopped: expect.anything() })),
    )
    expect(await as('root', 'start', '--all', ...why)).toEqual(good(expect.objectContaining({ stopped: null })))
    expect(await as('root', 'agent', 'hold', 'triage', ...why)).toEqual(
      good(expect.objectContaining({ agent: 'triage' })),
    )
    expect(await as('root', 'agent', 'holds')).toEqual(good([expect.objectContaining({ agent: 'triage' })]))
    expect(await as('root', 'agent', 'release', 'triage')).toEqual(
      good(expect.objectContaining({ agent: 'triage', by: 'root' })),
    )
  })

  test('is JSON of questions and of their answers, of a no as well', async () => {
    const ask = await asker(world, await until(aLease))
    const [yes, no] = [await ask('a'), await ask('b')]
    expect((await as('hana', 'approvals')).value.map(({ id }: { readonly id: string }) => id)).toEqual([yes, no])
    expect(await as('hana', 'approve', yes, '--yes', 'a'.repeat(12))).toEqual(
      good(expect.objectContaining({ id: yes, state: 'approved' })),
    )
    expect(await as('hana', 'reject', no, '--reason', 'not now')).toEqual(
      good(expect.objectContaining({ id: no, state: 'rejected', why: 'not now' })),
    )
    expect(await as('web-operator', 'approvals', 'wait', yes)).toEqual(good(expect.objectContaining({ id: yes })))
    expect(await as('web-operator', 'approvals', 'wait', no)).toEqual({
      code: 1,
      stderr: expect.stringContaining('rejected by hana: not now'),
      value: expect.objectContaining({ id: no, state: 'rejected' }),
    })
  })

  test('is JSON of who logged out', async () => {
    const env = { ...(await world.envOf('hana')), XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder }
    expect(await asked(env, ['logout'])).toEqual(good(expect.objectContaining({ broker: world.brokerUrl })))
  })
})

/** After a start the broker says for a moment to ask again. */
async function until(ask: typeof aLease): ReturnType<typeof aLease> {
  for (;;) {
    const given = await ask()
    if (given !== null) return given
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

describe('-o json of what needs no server', () => {
  test('is JSON of a policy file', async () => {
    const file = world.path('policy.yaml')
    expect(await here('policy', 'check', file)).toEqual(
      good(
        expect.objectContaining({
          file,
          agents: 2,
          people: 3,
          templates: 1,
          missing: null,
          warnings: expect.any(Array),
        }),
      ),
    )
    expect((await here('policy', 'risks')).value.length).toBeGreaterThan(10)
    const rbac = await here('policy', 'rbac', file)
    expect(rbac).toEqual(good(expect.objectContaining({ kind: 'List', items: expect.any(Array) })))
    expect(rbac.value.items.length).toBeGreaterThan(3)
  })

  test('is JSON of keys', async () => {
    const at = ['--dir', folder]
    const [signing, verify] = [join(folder, 'signing.jwks.json'), join(folder, 'public.jwks.json')]
    expect(await here('keys', 'init', ...at)).toEqual(good({ signing, public: verify }))
    expect(await here('keys', 'ledger', ...at)).toEqual(good(expect.objectContaining({ public: expect.any(String) })))
    expect(await here('keys', 'sessions', ...at)).toEqual(good(expect.objectContaining({ wraps: expect.any(String) })))
    expect(await here('keys', 'list', ...at)).toEqual(good([expect.objectContaining({ use: 'signs' })]))
    expect(await here('keys', 'rotate', ...at)).toEqual(good(expect.objectContaining({ step: 'add' })))
    const early = await here('keys', 'rotate', ...at)
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('too early'), value: { step: 'wait' } })
  })

  test('is JSON of the questions that there are, and of this program', async () => {
    const { value } = await here('query', '--list')
    expect(value).toContainEqual(expect.objectContaining({ name: 'lease-timeline', params: expect.any(Array) }))
    expect(await here('version')).toEqual(good(expect.objectContaining({ version: expect.any(String) })))
  })

  test('is JSON of receivers, also of those that do not answer', async () => {
    const file = join(folder, 'secret')
    await writeFile(file, 'x'.repeat(32), { mode: 0o600 })
    const env = {
      LEASEGATE_POLICY_FILE: world.path('policy.yaml'),
      LEASEGATE_WEBHOOK_URL: 'http://127.0.0.1:1/',
      LEASEGATE_WEBHOOK_SECRET_FILE: file,
    }
    const { code, value } = await asked(env, ['notify', 'test'])
    expect({ code, value }).toEqual({ code: 3, value: [expect.objectContaining({ isGood: false })] })
  })
})
