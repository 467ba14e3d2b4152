import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { STORY_NAMES } from '../../local/edition/names.ts'
import { writeEnvironment } from '../../local/edition/write-environment.ts'
import { run } from '../../local/process/run.ts'
import { NOT_TRIED } from '../../local/testing/count-results.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { anEdition, type TestEdition } from '../e2e/an-edition.ts'
import { lackingPython, pythonPackages } from '../support/programs/python-packages.ts'
import { stretched, until } from '../support/until.ts'
import { unrecorded } from './a-clients-edition.ts'
import { approve } from './approve.ts'
import { ensureMcpServer, McpServer } from './mcp/mcp-server.ts'
import { pythonWithClients } from './python/clients.ts'
import { blocksOf, likeACheckout } from './python/page.ts'

const WITHIN = 480_000
const FIVE_MINUTES = 300_000
const say = (line: string) => void process.stderr.write(`${line}\n`)

let playing: TestEdition
let wheels: string
let mcpServer: string

beforeAll(async () => {
  ;({ wheels } = await pythonWithClients(say))
  mcpServer = await ensureMcpServer(say)
  playing = await anEdition({ names: STORY_NAMES })
}, 600_000)
afterAll(() => playing.stop())

describe('the page about Python', () => {
  const blocks = blocksOf('docs/python.md')

  test(
    'works as it stands: lists, restarts, is refused, waits for a yes, gives its lease back',
    async () => {
      const { folder, done } = await likeACheckout()
      const agentFile = await writeEnvironment(folder, 'agent', playing.edition.environments.agent)
      // pip finds what it would fetch, at the versions that are pinned.
      const env = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_DISABLE_PIP_VERSION_CHECK: '1' }
      const restartedAt = await annotation()
      try {
        for (const { text } of blocks.filter(({ language }) => language === 'python')) {
          await writeFile(join(folder, 'agent.py'), text)
        }
        const typed = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
        const script = ['set -e', `cd ${folder}`, `. ${agentFile}`, ...typed].join('\n')
        const began = performance.now()
        const running = run('bash', ['-c', script], { env })
        const approved = leaseOf(playing).then(async id => {
          await approve(playing, id, WITHIN)
          return id
        })
        const failed = running.then(({ stdout, stderr }) =>
          Promise.reject(new Error(`it asked nothing: ${stdout}${stderr}`)),
        )
        const lease = await Promise.race([approved, failed])
        const { code, stdout, stderr } = await running
        expect({ code, stderr }).toMatchObject({ code: 0 })
        // With what pip fetches at hand, and a human who is there.
        expect(performance.now() - began).toBeLessThan(stretched(FIVE_MINUTES))
        const said = [
          'Running',
          'restarted',
          'refused: leasegate: ',
          'waiting: leasegate: ',
          'may read: password',
          'gave it back',
        ]
        for (const line of said) expect(stdout).toContain(line)
        expect(stdout).toContain('does not grant list on pods in namespace "payments"')
        expect(stdout).toMatch(/waiting: .*apr_/)
        expect(await annotation()).not.toBe(restartedAt)
        const shown = await playing.leasegate('admin', 'lease', 'show', lease, '-o', 'json')
        expect(JSON.parse(shown.stdout)).toMatchObject({ state: { kind: 'revoked' } })
        await until('all on record', async () => (await unrecorded(playing, [lease])).length === 0)
      } finally {
        await done()
      }
    },
    WITHIN,
  )

  test('names the version that the tests of clients have', async () => {
    const page = blocks.map(({ text }) => text).join('')
    const { PYTHON_CLIENTS } = await import('./python/clients.ts')
    expect(page).toContain(`kubernetes==${PYTHON_CLIENTS[0]?.version}`)
  })
})

async function annotation(): Promise<string> {
  const path = 'jsonpath={.spec.template.metadata.annotations}'
  return (await playing.edition.cluster.admin(['get', 'deployment', 'web', '-n', 'shop', '-o', path])).stdout
}

/** The only one that is there, once it is. The record is asked: a command for each look, while pip is at work, would cost more than all else. */
async function leaseOf({ sql }: TestEdition): Promise<string> {
  let id = ''
  const look = async () => {
    const [row] = await sql<{ lease: string }>("SELECT lease FROM leases WHERE state = 'active'")
    id = row?.lease ?? ''
    return id !== ''
  }
  await until('a lease', look, WITHIN)
  return id
}

const lacking = await lackingPython(11)

describe('a library that knows only client.authentication.k8s.io/v1beta1', () => {
  test.skipIf(lacking !== null)(
    `${lacking === null ? '' : `${NOT_TRIED}${lacking}: `}works by a kubeconfig that is written for it: lightkube, pykube-ng`,
    async () => {
      const older = join(import.meta.dirname, 'python/older')
      const { kubectl } = await ensureToolchain(say)
      const { python } = await pythonPackages('python-older', join(older, 'requirements.txt'), say)
      const lease = await playing.lease('own-namespace')
      const file = join(playing.edition.directory, 'older.kubeconfig')
      const wish = ['kubeconfig', '--lease', lease, '--exec-api', 'v1beta1', '--out', file]
      expect(await playing.leasegate('agent', ...wish)).toMatchObject({ code: 0 })
      const { stdout, stderr } = await run(python, [join(older, 'look.py'), file, 'shop', 'payments'])
      if (stdout === '') throw new Error(stderr)
      const seen = [
        expect.arrayContaining([expect.stringMatching(/^web-/)]),
        expect.stringContaining('does not grant list on pods in namespace "payments"'),
      ]
      expect(JSON.parse(stdout)).toEqual({ lightkube: seen, 'pykube-ng': seen })
      // client-go still knows it as well.
      const pods = ['--kubeconfig', file, 'get', 'pods', '-o', 'name']
      expect((await run(kubectl, pods)).stdout).toContain('pod/web-')
      await playing.leasegate('agent', 'lease', 'revoke', lease)
    },
    WITHIN,
  )
})

describe('an MCP server for Kubernetes (kubernetes-mcp-server)', () => {
  test(
    'works under a lease: lists, reads logs, runs a command; its model reads why something is refused',
    async () => {
      const lease = await playing.lease('own-namespace')
      const server = await McpServer.start({
        command: process.execPath,
        args: [mcpServer, '--kubeconfig', playing.stage.kubeconfigFile],
      })
      try {
        const listed = await server.call('pods_list_in_namespace', { namespace: 'shop' })
        expect(listed).toMatchObject({ isError: false, text: expect.stringContaining('web-') })
        const name = /\bweb-\S+/.exec(listed.text)?.[0] ?? ''
        const logs = await server.call('pods_log', { namespace: 'shop', name })
        expect(logs).toMatchObject({ isError: false, text: expect.stringContaining('the server is up') })
        const ran = await server.call('pods_exec', { namespace: 'shop', name, command: ['echo', 'hello'] })
        expect(ran).toMatchObject({ isError: false, text: expect.stringContaining('hello') })
        const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }
        expect(await server.call('resources_get', deployment)).toMatchObject({ isError: false })
        const elsewhere = await server.call('pods_list_in_namespace', { namespace: 'payments' })
        expect(elsewhere.isError).toBe(true)
        expect(elsewhere.text).toContain('does not grant list on pods in namespace "payments"')
        const node = await server.call('resources_delete', { apiVersion: 'v1', kind: 'Namespace', name: 'payments' })
        expect(node.isError).toBe(true)
        expect(node.text).toContain('leasegate: ')
        await until('all on record', async () => (await unrecorded(playing, [lease])).length === 0)
      } finally {
        await server.stop()
        await playing.leasegate('agent', 'lease', 'revoke', lease)
      }
    },
    WITHIN,
  )
})
