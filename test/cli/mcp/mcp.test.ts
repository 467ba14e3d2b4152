import { readFile, stat } from 'node:fs/promises'
import { Client, DEFAULT_REQUEST_TIMEOUT_MSEC, type Progress } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { until } from '../../support/until.ts'
import { asker } from '../approval/asker.ts'
import { CliWorld } from '../cli-world.ts'
import { SURROUNDINGS } from '../leasegate.ts'
import { call, stateIn, WISH } from './call-tool.ts'

let world: CliWorld
const open: Client[] = []
beforeAll(async () => {
  world = await CliWorld.start()
})
afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})
afterAll(() => world.stop())

async function serverOf(
  sub: string,
  mode: 'legacy' | 'auto' = 'legacy',
  others: Record<string, string> = {},
): Promise<{ client: Client; pid: number }> {
  const env = { ...SURROUNDINGS, ...(await world.envOf(sub)), TMPDIR: world.dir, ...others }
  const transport = new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], env, stderr: 'inherit' })
  const client = new Client({ name: 'a-model', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(transport)
  open.push(client)
  return { client, pid: transport.pid ?? 0 }
}

const stateOf = (lease: string) => stateIn(world, lease)

describe('leasegate mcp', () => {
  test('tells reading from writing, and has nothing that answers questions', async () => {
    const { client } = await serverOf('web-operator')
    const { tools } = await client.listTools()
    const reads = tools.filter(({ annotations }) => annotations?.readOnlyHint === true).map(({ name }) => name)
    expect(reads.toSorted()).toEqual([
      'list_approvals',
      'list_leases',
      'wait_for_approval',
      'what_did_i_do',
      'whoami',
      'why_refused',
    ])
    const others = tools.filter(({ name }) => !reads.includes(name)).map(({ name }) => name)
    expect(others.toSorted()).toEqual(['give_back', 'request_lease', 'withdraw_approval'])
    expect(client.getInstructions()).toContain('KUBECONFIG')
  })

  test('goes from what one may do to a lease, its kubeconfig, and back', async () => {
    const { client } = await serverOf('web-operator')
    const me = await call(client, 'whoami')
    expect(me).toMatchObject({ agent: 'web-operator', sponsor: 'ada@corp.example', held: false })
    expect(me.templates).toMatchObject([{ name: 'restart-web', namespaces: ['shop', 'shop-dev'], longest: '1h' }])
    const taken = await call(client, 'request_lease', { ...WISH, ttl: '2m', ticket: 'INC-7' })
    expect(taken).toMatchObject({ template: 'restart-web', namespaces: ['shop'], state: 'active' })
    expect(parse(await readFile(taken.kubeconfig, 'utf8')).users[0].user.exec.args).toContain(taken.lease)
    expect((await stat(taken.kubeconfig)).mode & 0o777).toBe(0o600)
    expect((await call(client, 'list_leases')).leases).toMatchObject([{ lease: taken.lease, reason: 'it hangs' }])
    const [resource] = (await client.readResource({ uri: 'leasegate://leases' })).contents
    expect(resource !== undefined && 'text' in resource ? resource.text : '').toContain(taken.lease)
    await call(client, 'give_back', { lease: taken.lease, reason: 'restarted' })
    expect(await stateOf(taken.lease)).toMatchObject({ kind: 'revoked', reason: 'restarted' })
    await expect(stat(taken.kubeconfig)).rejects.toThrow('ENOENT')
    expect((await call(client, 'list_leases')).leases).toEqual([])
  })

  test.each(['legacy', 'auto'] as const)('tells who subscribed that leases have come or gone (%s)', async mode => {
    const { client } = await serverOf('web-operator', mode)
    let told = 0
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      if (params.uri === 'leasegate://leases') told++
    })
    if (mode === 'legacy') await client.subscribeResource({ uri: 'leasegate://leases' })
    else await client.listen({ resourceSubscriptions: ['leasegate://leases'] })
    const { lease } = await call(client, 'request_lease', WISH)
    await until('news of a lease', () => told === 1)
    await call(client, 'give_back', { lease })
    await until('news of its end', () => told === 2)
  })

  test('lists what can be read of each live lease', async () => {
    const { client } = await serverOf('web-operator')
    const uris = async () => (await client.listResources()).resources.map(({ uri }) => uri).toSorted()
    expect(await uris()).toEqual(['leasegate://leases'])
    const { lease } = await call(client, 'request_lease', WISH)
    const of = (what: string) => `leasegate://leases/${lease}/${what}`
    expect(await uris()).toEqual(['leasegate://leases', of('done'), of('timeline')])
    await call(client, 'give_back', { lease })
    expect(await uris()).toEqual(['leasegate://leases'])
  })

  test('holds no more than its lease: no answer, and no file, has a token in it', async () => {
    const { client } = await serverOf('web-operator')
    const { lease, kubeconfig } = await call(client, 'request_lease', WISH)
    const given: Record<string, Record<string, unknown>> = {
      wait_for_approval: { approval: 'apr_x', timeoutSeconds: 1 },
      why_refused: { auditId: 'x' },
      what_did_i_do: { lease },
      give_back: { lease },
    }
    const { tools } = await client.listTools()
    // What has a lease is asked before that ends.
    const names = tools
      .map(({ name }) => name)
      .toSorted((a, b) => Number(a === 'give_back') - Number(b === 'give_back'))
    const { resources } = await client.listResources()
    const answers: unknown[] = [tools, resources, client.getInstructions(), await readFile(kubeconfig, 'utf8')]
    for (const { uri } of resources) answers.push(await client.readResource({ uri }).catch(String))
    for (const name of names.filter(one => one !== 'request_lease'))
      answers.push(await client.callTool({ name, arguments: given[name] ?? {} }))
    const text = JSON.stringify(answers)
    expect(text).toContain(lease)
    expect(text).not.toMatch(/\beyJ[\w-]+/)
    expect(text).not.toContain((await readFile(world.path('web-operator.token'), 'utf8')).trim())
  })

  test('waits for a person no longer than its client, where nothing else is said', async () => {
    const { client } = await serverOf('web-operator')
    const { tools } = await client.listTools()
    const asked = tools.find(({ name }) => name === 'wait_for_approval')?.inputSchema.properties
    const { default: seconds } = z.object({ default: z.number() }).parse(asked?.['timeoutSeconds'])
    expect(seconds * 1000).toBeLessThan(DEFAULT_REQUEST_TIMEOUT_MSEC)
  })

  test.each([
    {
      name: 'a template that is not granted',
      tool: 'request_lease',
      given: { ...WISH, template: 'no-such' },
      says: /no-such/,
    },
    { name: 'a lease that is not there', tool: 'give_back', given: { lease: 'lse_x' }, says: /lse_x|no such lease/ },
    {
      name: 'an approval that is not there',
      tool: 'wait_for_approval',
      given: { approval: 'apr_x' },
      says: /apr_x|no such/,
    },
    { name: 'a wish without a reason', tool: 'request_lease', given: { template: 'restart-web' }, says: /say reason/ },
    { name: 'a wish for nothing', tool: 'request_lease', given: {}, says: /say template \(restart-web\): .*; reason/ },
  ])('answers $name in words, and goes on', async ({ tool, given, says }) => {
    const { client } = await serverOf('web-operator')
    await expect(call(client, tool, given)).rejects.toThrow(says)
    expect(await call(client, 'list_leases')).toEqual({ leases: [] })
  })

  test('waits for a person, says so meanwhile, and passes on what was said', async () => {
    const { client } = await serverOf('web-operator')
    const wish = ['--template', 'restart-web', '--reason', 'it hangs', '-o', 'json']
    const lease = JSON.parse((await world.as('web-operator', 'lease', 'request', ...wish)).stdout)
    const ask = await asker(world, lease)
    const [yes, no] = [await ask('a'), await ask('b')]
    const listed = await call(client, 'list_approvals')
    expect(listed.approvals.map(({ approval }: { approval: string }) => approval)).toEqual([yes, no])
    expect(await call(client, 'wait_for_approval', { approval: yes, timeoutSeconds: 1 })).toMatchObject({
      state: 'pending',
    })

    const told: Progress[] = []
    const waiting = client.callTool(
      { name: 'wait_for_approval', arguments: { approval: yes, timeoutSeconds: 300 } },
      { onprogress: progress => void told.push(progress) },
    )
    await until('progress', () => told.length > 0)
    expect(told[0]).toMatchObject({ total: 300, message: 'waiting for a person' })
    await world.as('hana', 'approve', yes, '--digest', 'a'.repeat(64))
    expect((await waiting).structuredContent).toMatchObject({ state: 'approved', decidedBy: 'hana' })

    await world.as('grace', 'reject', no, '--reason', 'not today \u001b[2J')
    const answer = await call(client, 'wait_for_approval', { approval: no })
    expect(answer).toMatchObject({ state: 'rejected', decidedBy: 'grace', why: expect.stringContaining('not today') })
    expect(answer.why).not.toContain('\u001b')

    const third = await ask('c')
    expect(await call(client, 'withdraw_approval', { approval: third, reason: 'no need' })).toMatchObject({
      state: 'withdrawn',
      decidedBy: 'web-operator',
      why: 'no need',
    })
    await world.as('web-operator', 'lease', 'revoke', lease.id)
  })

  test('asks for no lease where it can write no kubeconfig', async () => {
    const { client } = await serverOf('web-operator', 'legacy', { TMPDIR: world.path('nowhere') })
    await expect(call(client, 'request_lease', WISH)).rejects.toThrow(/TMPDIR/)
    expect(await call(client, 'list_leases')).toEqual({ leases: [] })
  })

  test('says so when a lease could not be ended', async () => {
    const { client } = await serverOf('web-operator')
    const { lease } = await call(client, 'request_lease', WISH)
    await world.stopBroker()
    const answer = client.callTool({ name: 'give_back', arguments: { lease } })
    await expect(answer).resolves.toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/has not ended yet, as the broker does not answer/) }],
    })
    await world.startBroker()
    await until('the lease to end', async () => (await stateOf(lease)).kind === 'revoked')
  })

  test('gives a person no lease', async () => {
    const { client } = await serverOf('hana')
    await expect(call(client, 'whoami')).rejects.toThrow('leases are for agents')
    await expect(call(client, 'request_lease', WISH)).rejects.toThrow('leases are for agents')
  })

  test.each([
    { name: 'its client goes', end: (client: Client) => client.close(), reason: 'its MCP server ended' },
    {
      name: 'it is killed',
      end: (_: Client, pid: number) => void process.kill(pid, 'SIGKILL'),
      reason: 'whoever asked for it was killed',
    },
  ])('ends its leases when $name', async ({ end, reason }) => {
    const { client, pid } = await serverOf('web-operator')
    const { lease, kubeconfig } = await call(client, 'request_lease', WISH)
    await end(client, pid)
    await until('the lease to end', async () => (await stateOf(lease)).kind === 'revoked')
    expect(await stateOf(lease)).toMatchObject({ reason })
    await expect(stat(kubeconfig)).rejects.toThrow('ENOENT')
  })
})
