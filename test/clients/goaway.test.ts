import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { envoyAdmin } from '../../src/companion/envoy-admin.ts'
import type { TestEdition } from '../e2e/an-edition.ts'
import { until } from '../support/until.ts'
import { aClientsEdition, NOT_TOO_BUSY } from './a-clients-edition.ts'
import { ClientProgram, type Command } from './client-program.ts'
import { buildClientGo, type ClientGoSaid } from './go/client-go.ts'
import { administratorsKubeconfig } from './matrix/administrator.ts'
import { pythonProgram } from './python/clients.ts'

const WITHIN = 600_000
/** Of writes, and of reads; all of it at once is too much for nobody. */
const COUNT = 150
const AT_ONCE = 30
const report = (line: string) => void process.stderr.write(`${line}\n`)

let playing: TestEdition
let direct: string
const programs = new Map<string, Command>()

beforeAll(async () => {
  programs.set('client-go', { command: await buildClientGo(), args: ['load'] })
  programs.set('Python', await pythonProgram('under_load', report))
  playing = await aClientsEdition(
    namespace => [
      {
        name: 'write',
        namespaces: [namespace],
        rules: [{ verbs: ['get', 'create'], apiGroups: [''], resources: ['configmaps'] }],
        maxTtl: '30m',
        maxLeases: 5,
        budgets: { mutations: COUNT },
      },
    ],
    // The most that the API server takes: one answer in fifty ends its connection.
    { apiServerFlags: ['--goaway-chance=0.02'] },
  )
  direct = await administratorsKubeconfig(playing.edition)
}, 600_000)
afterAll(() => playing?.stop())

/** Connections that the API server asked Envoy to leave. */
async function farewells(): Promise<number> {
  const { text } = await envoyAdmin(playing.edition.sockets.envoyAdmin).ask(
    'GET',
    '/stats?filter=upstream_cx_close_notify',
  )
  return [...text.matchAll(/: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** What failed, to the program's end. */
async function load(client: string, kubeconfig: string, namespace: string, prefix: string) {
  const command = programs.get(client) as Command
  const program = new ClientProgram<ClientGoSaid>(command, [
    kubeconfig,
    namespace,
    prefix,
    String(COUNT),
    String(AT_ONCE),
  ])
  expect(await program.exited, program.errors).toBe(0)
  return program.all({ says: 'lost' })
}

describe('an API server that sends its clients elsewhere all the time (--goaway-chance)', () => {
  test.each(['client-go', 'Python'])(
    'is as good through the boundary as directly: %s under load',
    async client => {
      const { app, foreign } = playing.edition.names
      const prefix = client.toLowerCase()
      expect(await load(client, direct, foreign, prefix)).toEqual([])
      const lease = await playing.lease('write')
      const before = await farewells()
      expect(await load(client, playing.stage.kubeconfigFile, app, prefix)).toEqual([])
      expect(await farewells()).toBeGreaterThan(before)
      // Each came to the API server once, and was committed once.
      const seen = (await playing.stage.audit()).filter(event => event.lease === lease && event.verb === 'create')
      expect(new Set(seen.map(({ auditId }) => auditId)).size).toBe(seen.length)
      expect(seen).toHaveLength(COUNT)
      const query = `SELECT verb, status, count() AS n FROM requests WHERE lease = '${lease}' AND resource = 'configmaps' AND ${NOT_TOO_BUSY} GROUP BY verb, status`
      const rows = () => playing.sql<{ verb: string; status: number; n: string }>(query)
      const counted = async () => (await rows()).map(({ verb, status, n }) => `${verb} ${status} ${n}`).toSorted()
      const wanted = [`create 201 ${COUNT}`, `get 200 ${COUNT}`]
      await until('all outcomes', async () => (await counted()).join() === wanted.join(), 60_000).catch(() => undefined)
      expect(await counted()).toEqual(wanted)
      // The budget is spent to the last, and not before.
      const more = await playing.stage.kubectl(['create', 'configmap', 'more', '-n', app])
      expect(more.stderr).toMatch(/budget/)
    },
    WITHIN,
  )
})
