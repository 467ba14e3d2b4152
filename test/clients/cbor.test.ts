import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestEdition } from '../e2e/an-edition.ts'
import { until } from '../support/until.ts'
import { aClientsEdition, NOT_TOO_BUSY, unrecorded } from './a-clients-edition.ts'
import { ClientProgram } from './client-program.ts'
import { buildClientGo, type ClientGoSaid } from './go/client-go.ts'
import { administratorsKubeconfig } from './matrix/administrator.ts'

const WITHIN = 240_000
const CBOR = 'application/cbor'
const OF_MAPS = ['create', 'get', 'list', 'watch', 'update', 'merge patch', 'apply', 'delete']
const OF_WORKLOADS = ['apply on the host', 'create on the host', 'create a token', 'apply a workload']

let playing: TestEdition
let program: string

beforeAll(async () => {
  program = await buildClientGo()
  playing = await aClientsEdition(
    namespace => [
      {
        name: 'operate',
        namespaces: [namespace],
        rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        approval: { skip: ['workload-code'] },
        maxTtl: '30m',
        maxLeases: 3,
      },
    ],
    // Alpha, and off as Kubernetes comes.
    { apiServerFlags: ['--feature-gates=CBORServingAndStorage=true'] },
  )
}, 600_000)
afterAll(() => playing?.stop())

/** All steps in one encoding, to the end. */
async function steps(kubeconfig: string, namespace: string, name: string, contentType: string) {
  const prefers = String(contentType === CBOR)
  const env = { KUBE_FEATURE_ClientsAllowCBOR: prefers, KUBE_FEATURE_ClientsPreferCBOR: prefers }
  const ran = new ClientProgram<ClientGoSaid>({ command: program, env }, [
    ...['encoded', kubeconfig, namespace, name, contentType],
  ])
  expect(await ran.exited, ran.errors).toBe(0)
  return ran
}

function named(ran: ClientProgram<ClientGoSaid>, says: string): readonly (string | undefined)[] {
  return ran.all({ says }).map(({ name }) => name)
}

describe('an API server and a client that speak CBOR', () => {
  test(
    'directly, do all of it, in CBOR both ways',
    async () => {
      const direct = await administratorsKubeconfig(playing.edition)
      const ran = await steps(direct, playing.edition.names.foreign, 'direct', CBOR)
      expect(named(ran, 'failed')).toEqual([])
      expect(named(ran, 'did')).toEqual([...OF_MAPS, ...OF_WORKLOADS])
      assertCbor(ran)
    },
    WITHIN,
  )

  test(
    'through the boundary, do what no body decides over, recorded as in JSON but for the name of what is created',
    async () => {
      const lease = await playing.lease('operate')
      const { app } = playing.edition.names
      const cbor = await steps(playing.stage.kubeconfigFile, app, 'in-cbor', CBOR)
      expect(named(cbor, 'did')).toEqual(OF_MAPS)
      assertCbor(cbor)
      const json = await steps(playing.stage.kubeconfigFile, app, 'in-json', 'application/json')
      expect(named(json, 'did')).toEqual([...OF_MAPS, 'apply a workload'])
      await until('every request', async () => (await unrecorded(playing, [lease])).length === 0)
      const query = `SELECT verb, name, decision, status FROM requests WHERE lease = '${lease}' AND resource = 'configmaps' AND ${NOT_TOO_BUSY} ORDER BY decided_at`
      const rows = () => playing.sql<{ verb: string; name: string; decision: string; status: number }>(query)
      const ended = async () => (await rows()).filter(({ status }) => status !== 0).length
      await until('their outcomes', async () => (await ended()) === 2 * OF_MAPS.length)
      const all = (await rows()).map(({ verb, decision, status }) => `${verb} ${decision} ${status}`)
      const [inCbor, inJson] = [all.slice(0, OF_MAPS.length), all.slice(OF_MAPS.length)]
      expect(inCbor).toEqual(inJson)
      // A name that is in the body alone.
      const created = (await rows()).filter(({ verb }) => verb === 'create').map(({ name }) => name)
      expect(created).toEqual(['', 'in-json'])
    },
    WITHIN,
  )

  test(
    'are refused what could bring anything: a workload that is not read is none that is known to be harmless',
    async () => {
      const lease = await playing.lease('operate')
      const { app } = playing.edition.names
      const ran = await steps(playing.stage.kubeconfigFile, app, 'workload', CBOR)
      const refused = ran.all({ says: 'failed' })
      expect(refused.map(({ name, status }) => [name, status])).toEqual(OF_WORKLOADS.map(name => [name, 403]))
      for (const { error } of refused) expect(error).toContain('it is CBOR, which is not read here; send JSON')
      const seen = (await playing.stage.audit()).filter(event => event.lease === lease)
      expect(seen.filter(({ object }) => /deployments|pods|secrets/.test(object))).toEqual([])
    },
    WITHIN,
  )
})

/** Else a client that fell back to JSON would pass for one that speaks CBOR. */
function assertCbor(ran: ClientProgram<ClientGoSaid>): void {
  const answers = ran.all({ says: 'answer' }).filter(({ status }) => status === 200 || status === 201)
  expect(new Set(answers.map(({ type }) => type))).toEqual(new Set([CBOR, 'application/cbor-seq']))
  const sent = answers.map(({ sent }) => sent).filter(type => type !== '')
  expect(new Set(sent)).toEqual(new Set([CBOR, 'application/apply-patch+cbor', 'application/merge-patch+json']))
}
