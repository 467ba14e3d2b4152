import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../local/edition/leasegate.ts'
import { writeEnvironment } from '../../local/edition/write-environment.ts'
import { type Ran, run } from '../../local/process/run.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { call } from '../cli/mcp/call-tool.ts'
import { type InstalledClient, installClient } from '../support/programs/installed-client.ts'
import { nodeOfTheMachine } from '../support/programs/node-of-the-machine.ts'
import { until } from '../support/until.ts'
import { unrecorded } from './a-clients-edition.ts'
import { ensureMcpServer, McpServer } from './mcp/mcp-server.ts'
import { blocksOf } from './python/page.ts'
import { playing } from './the-storys-edition.ts'

const WITHIN = 240_000
const say = (line: string) => void process.stderr.write(`${line}\n`)

let folder: string
let kubectl: string
let packed: InstalledClient

beforeAll(async () => {
  ;({ kubectl } = await ensureToolchain(say))
  packed = await installClient()
  folder = await mkdtemp(join(tmpdir(), 'lg-newcomer-'))
  await program('checkout', `'${process.execPath}' '${MAIN}'`)
  await program('packed', `'${nodeOfTheMachine()}' '${join(packed.folder, 'dist/leasegate.cjs')}'`)
}, 600_000)
afterAll(async () => {
  await packed?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** What `leasegate` is where that folder is in the path. */
async function program(name: string, what: string): Promise<void> {
  await mkdir(join(folder, name))
  await writeFile(join(folder, name, 'leasegate'), `#!/bin/sh\nexec ${what} "$@"\n`)
  await chmod(join(folder, name, 'leasegate'), 0o755)
}

const pathTo = (which: 'checkout' | 'packed') =>
  [join(folder, which), dirname(kubectl), process.env['PATH']].join(delimiter)

/** The block of a page with these words. */
function onPage(page: string, has: string): string {
  const found = blocksOf(page).find(({ text }) => text.includes(has))
  if (found === undefined) throw new Error(`${page} has no block with ${has}`)
  return found.text
}

interface Typed extends Ran {
  readonly line: string
}

/** Each line as an agent types it, one after the other; `lse_…` is the lease that was printed last. */
async function typed(text: string): Promise<readonly Typed[]> {
  const here = await mkdtemp(join(folder, 'typed-'))
  const agentFile = await writeEnvironment(here, 'agent', playing.edition.environments.agent)
  await writeFile(join(here, 'agent.sh'), '#!/bin/sh\nkubectl rollout restart deployment/web -n shop\n', {
    mode: 0o755,
  })
  const all: Typed[] = []
  let lease = ''
  for (const line of text.trim().split('\n')) {
    const script = [`cd '${here}'`, `. '${agentFile}'`, line.replaceAll('lse_…', lease)].join('\n')
    const ran = await run('bash', ['-c', script], { env: { PATH: pathTo('checkout') } })
    lease = /lse_\w+/.exec(ran.stdout)?.[0] ?? lease
    all.push({ line, ...ran })
  }
  return all
}

const stateOf = async (lease: string) =>
  JSON.parse((await playing.leasegate('admin', 'lease', 'show', lease, '-o', 'json')).stdout).state

async function restartedAt(): Promise<string> {
  const path = 'jsonpath={.spec.template.metadata.annotations}'
  return (await playing.edition.cluster.admin(['get', 'deployment', 'web', '-n', 'shop', '-o', path])).stdout
}

/** One that begins so, of what was typed. */
function at(all: readonly Typed[], begins: string): Typed {
  const found = all.find(({ line }) => line.startsWith(begins))
  if (found === undefined) throw new Error(`nothing that was typed begins with ${begins}`)
  return found
}

describe('what an agent types first', () => {
  test(
    'does what the README says: a restart passes, a delete is refused, the lease is given back',
    async () => {
      const before = await restartedAt()
      const all = await typed(onPage('README.md', 'leasegate lease request --template restart-web'))
      expect(at(all, 'leasegate lease request').code).toBe(0)
      expect(at(all, 'leasegate kubeconfig').code).toBe(0)
      expect(at(all, 'kubectl --kubeconfig kubeconfig.yaml rollout')).toMatchObject({ code: 0 })
      expect(at(all, 'kubectl --kubeconfig kubeconfig.yaml delete')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('leasegate: '),
      })
      expect(at(all, 'leasegate lease revoke')).toMatchObject({ code: 0 })
      expect(all).toHaveLength(5)
      expect(await restartedAt()).not.toBe(before)
      const lease = /lse_\w+/.exec(all[0]?.stdout ?? '')?.[0] ?? ''
      expect(await stateOf(lease)).toMatchObject({ kind: 'revoked', reason: 'done' })
      await until('all on record', async () => (await unrecorded(playing, [lease])).length === 0)
    },
    WITHIN,
  )

  test(
    'works as the page for agents has it',
    async () => {
      const all = await typed(onPage('docs/agents.md', 'leasegate whoami   '))
      expect(all.map(({ line, code, stderr }) => (code === 0 ? 0 : `${line}: ${stderr}`))).toEqual(all.map(() => 0))
      expect(at(all, 'leasegate whoami').stdout).toContain('restart-web')
      expect(at(all, 'leasegate lease show').stdout).toContain('restart-web')
    },
    WITHIN,
  )

  test.each(['--namespace shop -- ./agent.sh', '--renew-for 4h -- ./agent.sh'])(
    'runs one command under one lease: %s',
    async words => {
      const before = await restartedAt()
      const [ran] = await typed(onPage('docs/agents.md', words))
      expect(ran, ran?.stderr).toMatchObject({ code: 0 })
      const lease = /lease (lse_\w+) ended: \.\/agent\.sh ended with exit code 0/.exec(ran?.stderr ?? '')?.[1] ?? ''
      expect(await stateOf(lease)).toMatchObject({ kind: 'revoked' })
      expect(await restartedAt()).not.toBe(before)
    },
    WITHIN,
  )
})

describe('what a client of MCP is told first', () => {
  test(
    'starts the packed program, which gives a lease and takes it back, as the page has it',
    async () => {
      const { agent } = playing.edition.environments
      const page = JSON.parse(onPage('docs/mcp.md', '"mcpServers"')).mcpServers.leasegate
      const named = Object.keys(page.env)
      expect(named.filter(name => agent[name] === undefined)).toEqual([])
      // Those of this edition; its certificates are of a CA of its own.
      const cas = ['LEASEGATE_BROKER_CA_FILE', 'LEASEGATE_BOUNDARY_CA_FILE'].filter(name => agent[name] !== undefined)
      const settings = Object.fromEntries([...named, ...cas].map(name => [name, agent[name] ?? '']))
      const env = { ...settings, PATH: pathTo('packed'), HOME: folder }
      const transport = new StdioClientTransport({ command: page.command, args: page.args, env, stderr: 'inherit' })
      const client = new Client({ name: 'a-model', version: '1' })
      await client.connect(transport)
      try {
        expect(await call(client, 'whoami')).toMatchObject({ agent: 'deployer-7' })
        const wish = { template: 'restart-web', reason: 'web answers slowly', namespaces: ['shop'] }
        const { lease, kubeconfig } = await call(client, 'request_lease', wish)
        const look = ['--kubeconfig', kubeconfig, 'get', 'deployment', 'web', '-n', 'shop', '-o', 'name']
        expect(await run(kubectl, look)).toMatchObject({ code: 0, stdout: 'deployment.apps/web\n' })
        await call(client, 'give_back', { lease })
        expect((await run(kubectl, look)).code).toBe(1)
        expect(await stateOf(lease)).toMatchObject({ kind: 'revoked', reason: 'done' })
      } finally {
        await client.close()
      }
    },
    WITHIN,
  )
})

describe('another MCP server, started as the page has it', () => {
  test(
    'can do what its lease covers, and that ends with it',
    async () => {
      const mcpServer = await ensureMcpServer(say)
      const line = onPage('docs/mcp.md', 'my-kubernetes-mcp-server').trim()
      const script = `exec ${line.replace('my-kubernetes-mcp-server', `'${process.execPath}' '${mcpServer}'`)}`
      const env = { ...playing.edition.environments.agent, PATH: pathTo('checkout') }
      const server = await McpServer.start({ command: 'bash', args: ['-c', script], env })
      const live = "SELECT lease FROM leases WHERE state = 'active' AND task_reason = 'a look by the assistant'"
      let lease = ''
      try {
        const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }
        expect(await server.call('resources_get', deployment)).toMatchObject({ isError: false })
        const secrets = await server.call('resources_list', { apiVersion: 'v1', kind: 'Secret', namespace: 'shop' })
        expect(secrets).toMatchObject({
          isError: true,
          text: expect.stringContaining('does not grant list on secrets'),
        })
        await until('its lease on record', async () => {
          lease = (await playing.sql<{ lease: string }>(live))[0]?.lease ?? ''
          return lease !== ''
        })
      } finally {
        await server.stop()
      }
      expect(await stateOf(lease)).toMatchObject({ kind: 'revoked' })
    },
    WITHIN,
  )
})
