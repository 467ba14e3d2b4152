import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { CliWorld } from '../cli-world.ts'

let world: CliWorld
beforeAll(async () => {
  world = await CliWorld.start({
    change: ({ templates, ...policy }) => ({
      ...policy,
      templates: templates.map(template => ({
        ...template,
        grants: [{ agent: 'web-operator', namespaces: ['shop', 'shop-dev'], delegation: { to: ['triage'] } }],
      })),
    }),
  })
})
afterAll(() => world.stop())

const request = (as: string, ...more: readonly string[]) =>
  world.as(as, 'lease', 'request', '--template', 'restart-web', '--reason', 'it hangs', ...more)

describe('leasegate lease request --for-agent', () => {
  test('hands a narrower lease to another agent, which names it to use it', async () => {
    expect((await world.as('web-operator', 'whoami')).stdout).toContain('may be handed to triage')
    const parent = JSON.parse((await request('web-operator', '-o', 'json')).stdout)
    const to = ['--parent', parent.id, '--for-agent', 'triage', '--namespace', 'shop', '--ttl', '5m']
    const text = (await request('web-operator', ...to)).stdout
    expect(text).toContain('for agent triage, which uses it with: leasegate kubeconfig --lease lse_')
    const [id = ''] = text.split('\n')

    const listed = (await world.as('triage', 'lease', 'list')).stdout
    expect(listed).toMatch(new RegExp(`\\n${id} +triage \\(from web-operator\\) +ada@corp.example`))
    const shown = parse((await world.as('web-operator', 'lease', 'show', id)).stdout)
    expect(shown).toMatchObject({
      agent: 'triage',
      delegated: { by: 'web-operator' },
      handedOn: true,
      agentSponsor: '',
    })

    // It is nobody's by being the only one, nor in the way of who gave it.
    const unnamed = await world.as('triage', 'kubeconfig', '--out', world.path('k1'))
    expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining(`named with --lease: ${id}`) })
    expect((await world.as('triage', 'kubeconfig', '--lease', id, '--out', world.path('k2'))).code).toBe(0)
    expect((await world.as('triage', 'credential', '--lease', id)).stdout).toContain('ExecCredential')
    expect((await world.as('web-operator', 'kubeconfig', '--out', world.path('k3'))).code).toBe(0)
    const others = await world.as('web-operator', 'credential', '--lease', id)
    expect(others).toMatchObject({ stdout: '', stderr: expect.stringContaining('was handed to agent "triage"') })

    const again = await request('web-operator', ...to)
    expect(again.stderr).toContain('1 of the leases under')
    expect(await world.as('web-operator', 'lease', 'revoke', id)).toMatchObject({ code: 0, stdout: `${id} revoked\n` })
    expect((await world.as('triage', 'lease', 'list')).stdout).toBe('no leases\n')
  })

  test('says to whom it may, and shows how in its help', async () => {
    const refused = await request('web-operator', '--parent', 'lse_x', '--for-agent', 'nobody')
    expect(refused.code).not.toBe(0)
    const parent = JSON.parse((await request('web-operator', '-o', 'json')).stdout)
    const to = await request('web-operator', '--parent', parent.id, '--for-agent', 'nobody')
    expect(to.stderr).toContain('may not hand leases of template "restart-web" to "nobody"; it may to: triage')
    expect((await world.as('web-operator', 'lease', 'request', '--help')).stdout).toContain('--for-agent fixer')
  })
})
