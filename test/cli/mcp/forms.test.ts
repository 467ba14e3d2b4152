import { readFile, writeFile } from 'node:fs/promises'
import { Client, type ElicitResult } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { CliWorld } from '../cli-world.ts'
import { SURROUNDINGS } from '../leasegate.ts'
import { HttpServer } from './an-http-server.ts'

let world: CliWorld
let server: HttpServer
const open: Client[] = []
beforeAll(async () => {
  world = await CliWorld.start()
  await withParameters(world)
  server = await HttpServer.start(world)
})
afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})
afterAll(async () => {
  await server?.stop()
  await world?.stop()
})

/** A second task of the agent, which is asked for with a name and a ticket. */
async function withParameters(at: CliWorld): Promise<void> {
  const policy = parse(await readFile(at.path('policy.yaml'), 'utf8'))
  policy.templates.push({
    name: 'restart-one',
    description: 'Restart a deployment by its name',
    grants: [{ agent: 'web-operator', namespaces: ['shop'] }],
    parameters: { name: 'web-[a-z]+' },
    ticket: 'OPS-[0-9]+',
    rules: [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['{name}'] }],
    maxTtl: '1h',
    maxLeases: 9,
  })
  await writeFile(at.path('policy.yaml'), stringify(policy))
  await at.stopBroker()
  await at.startBroker()
}

interface Form {
  readonly message: string
  readonly requestedSchema: { readonly properties: Record<string, object>; readonly required?: string[] }
}

/** What somebody says to each form that they get; those are kept. */
function user(...answers: readonly ElicitResult[]): {
  readonly seen: Form[]
  readonly next: (form: Form) => ElicitResult
} {
  const seen: Form[] = []
  return { seen, next: form => answers[seen.push(form) - 1] ?? { action: 'cancel' } }
}

const says = (content: Record<string, string>): ElicitResult => ({ action: 'accept', content })

type Way = 'stdio' | 'legacy' | 'auto'

async function clientWith(way: Way, { next }: ReturnType<typeof user>): Promise<Client> {
  const mode = way === 'auto' ? 'auto' : 'legacy'
  const options = { capabilities: { elicitation: {} }, versionNegotiation: { mode } } as const
  const client = new Client({ name: 'a-model', version: '1' }, options)
  client.setRequestHandler('elicitation/create', ({ params }) => next(params as unknown as Form))
  open.push(client)
  if (way === 'stdio') {
    const env = { ...SURROUNDINGS, ...(await world.envOf('web-operator')), TMPDIR: world.dir }
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], env }))
  } else {
    const token = await world.corp.token({ sub: 'web-operator' })
    await client.connect(server.transport(() => token))
  }
  return client
}

const ask = async (client: Client, given: Record<string, unknown>) => {
  const { structuredContent, isError, content } = await client.callTool({ name: 'request_lease', arguments: given })
  const text = (content as { text: string }[]).map(one => one.text).join('\n')
  return { lease: structuredContent as { readonly [key: string]: string } | undefined, isError: isError === true, text }
}

describe.each(['stdio', 'legacy', 'auto'] as const)('a lease asked for in words that lack something (%s)', way => {
  test('is given for what the user says, in as many forms as it takes', async () => {
    const person = user(
      says({ template: 'restart-one', reason: 'it hangs' }),
      says({ 'parameter:name': 'web-blue', ticket: 'OPS-7' }),
    )
    const client = await clientWith(way, person)
    const { lease, text } = await ask(client, { ttl: '1m' })
    expect(lease, text).toMatchObject({ template: 'restart-one', reason: 'it hangs', state: 'active' })
    const [first, second] = person.seen.map(({ requestedSchema }) => requestedSchema)
    expect(first?.properties).toMatchObject({ template: { enum: ['restart-web', 'restart-one'] }, reason: {} })
    expect(second?.properties).toMatchObject({
      'parameter:name': { description: 'like web-[a-z]+' },
      ticket: { description: 'like OPS-[0-9]+' },
    })
    await client.callTool({ name: 'give_back', arguments: { lease: lease?.['lease'] } })
  })

  test('asks nothing where nothing is missing', async () => {
    const person = user()
    const client = await clientWith(way, person)
    const { lease } = await ask(client, { template: 'restart-web', reason: 'it hangs', ttl: '1m' })
    expect(lease).toMatchObject({ state: 'active' })
    expect(person.seen).toEqual([])
    await client.callTool({ name: 'give_back', arguments: { lease: lease?.['lease'] } })
  })

  test.each([
    { name: 'declines', answer: { action: 'decline' } },
    { name: 'says nothing', answer: says({ reason: '' }) },
  ] as { name: string; answer: ElicitResult }[])('is not given where the user $name', async ({ answer }) => {
    const client = await clientWith(way, user(answer))
    const { isError, text } = await ask(client, { template: 'restart-web' })
    expect({ isError, text }).toEqual({ isError: true, text: 'the user did not say what the lease would be for' })
  })

  test('leaves it to the broker what was said', async () => {
    const client = await clientWith(way, user(says({ 'parameter:name': 'db', ticket: 'OPS-7' })))
    const { isError, text } = await ask(client, { template: 'restart-one', reason: 'it hangs' })
    expect(isError).toBe(true)
    expect(text).toMatch(/name/)
  })
})
