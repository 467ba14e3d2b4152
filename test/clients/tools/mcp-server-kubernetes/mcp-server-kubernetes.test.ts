import { delimiter, dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureToolchain } from '../../../../local/toolchain/toolchain.ts'
import type { TestEdition } from '../../../e2e/an-edition.ts'
import { until } from '../../../support/until.ts'
import { aClientsEdition, unrecorded } from '../../a-clients-edition.ts'
import { administratorsKubeconfig } from '../../matrix/administrator.ts'
import { McpServer } from '../../mcp/mcp-server.ts'
import { KUBECTL_MCP_SERVER } from '../tools.ts'

const WITHIN = 240_000
const report = (line: string) => void process.stderr.write(`${line}\n`)

let playing: TestEdition
let program: string
let path: string

beforeAll(async () => {
  program = await KUBECTL_MCP_SERVER.ensure(report)
  const { kubectl } = await ensureToolchain(report)
  path = [dirname(kubectl), process.env['PATH']].join(delimiter)
  playing = await aClientsEdition(app => [
    {
      name: 'operate',
      namespaces: [app],
      rules: [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log', 'events'] },
        { verbs: ['get', 'create'], apiGroups: [''], resources: ['pods/exec'] },
        { verbs: ['get', 'list', 'patch'], apiGroups: ['apps'], resources: ['deployments', 'deployments/scale'] },
      ],
      maxTtl: '30m',
      maxLeases: 2,
    },
  ])
}, 1_200_000)
afterAll(() => playing?.stop())

/** As the host of an agent starts it, and what its model reads: also an error is a text. */
async function withServer<T>(kubeconfig: string, use: (call: McpServer['call']) => Promise<T>): Promise<T> {
  const env = { KUBECONFIG: kubeconfig, PATH: path }
  const server = await McpServer.start({ command: process.execPath, args: [program], env })
  try {
    return await use((name, args) =>
      server.call(name, args).catch((error: Error) => ({ text: error.message, isError: true })),
    )
  } finally {
    await server.stop()
  }
}

/** What an agent does in a namespace: looks, reads, runs a command, scales. */
async function work(kubeconfig: string, namespace: string, deployment: string) {
  return withServer(kubeconfig, async call => {
    const pods = await call('kubectl_get', { resourceType: 'pods', namespace, output: 'name' })
    const name = /pod\/(\S+)/.exec(pods.text)?.[1] ?? ''
    const logs = await call('kubectl_logs', { resourceType: 'pod', name, namespace })
    const ran = await call('exec_in_pod', { name, namespace, command: ['echo', 'hello'] })
    const described = await call('kubectl_describe', { resourceType: 'pod', name, namespace })
    const scaled = await call('kubectl_scale', { resourceType: 'deployment', name: deployment, namespace, replicas: 3 })
    return {
      found: name.startsWith(deployment),
      logs: JSON.parse(logs.text).logs as string,
      ran: ran.text.trim(),
      described: described.text.includes('Service Account:'),
      scaled: JSON.parse(scaled.text).success as boolean,
    }
  })
}

describe(`an MCP server for Kubernetes that runs kubectl (mcp-server-kubernetes ${KUBECTL_MCP_SERVER.version})`, () => {
  test(
    'works under a lease as it does directly, all of it on record',
    async () => {
      const { app, foreign, deployment } = playing.edition.names
      const direct = await work(await administratorsKubeconfig(playing.edition), foreign, deployment)
      expect(direct).toEqual({
        found: true,
        logs: expect.stringContaining('the server is up'),
        ran: 'hello',
        described: true,
        scaled: true,
      })
      const lease = await playing.lease('operate')
      expect(await work(playing.stage.kubeconfigFile, app, deployment)).toEqual(direct)
      await until('every request', async () => (await unrecorded(playing, [lease])).length === 0)
    },
    WITHIN,
  )

  test(
    "lets its model read why something is refused, in the boundary's words",
    async () => {
      await playing.lease('operate')
      const { app, foreign, deployment } = playing.edition.names
      await withServer(playing.stage.kubeconfigFile, async call => {
        const elsewhere = await call('kubectl_get', { resourceType: 'pods', namespace: foreign })
        expect(elsewhere.isError).toBe(true)
        expect(elsewhere.text).toContain(`the lease does not grant list on pods in namespace "${foreign}"`)
        const removed = await call('kubectl_delete', { resourceType: 'deployment', name: deployment, namespace: app })
        expect(removed.isError).toBe(true)
        expect(removed.text).toContain('the lease does not grant delete on deployments.apps')
      })
    },
    WITHIN,
  )
})
