import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../../../local/process/run.ts'
import type { TestEdition } from '../../../e2e/an-edition.ts'
import { until } from '../../../support/until.ts'
import { aClientsEdition, unrecorded } from '../../a-clients-edition.ts'
import { administratorsKubeconfig } from '../../matrix/administrator.ts'
import { STERN } from '../tools.ts'
import { Following } from './following.ts'

const WITHIN = 180_000

let playing: TestEdition
let program: string
let direct: string
const running: Following[] = []

beforeAll(async () => {
  program = await STERN.ensure(line => void process.stderr.write(`${line}\n`))
  playing = await aClientsEdition(app => [
    {
      name: 'read-logs',
      namespaces: [app],
      rules: [
        { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'pods/log'] },
        { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] },
      ],
      maxTtl: '30m',
      maxLeases: 3,
    },
  ])
  direct = await administratorsKubeconfig(playing.edition)
  const { app, foreign } = playing.edition.names
  for (const namespace of [app, foreign]) await nameContainers(namespace)
}, 1_200_000)
afterAll(async () => {
  await Promise.all(running.map(each => each.stop()))
  await playing?.stop()
})

/** A container without an id is one that has not begun, to stern; the pretended node gives none. */
async function nameContainers(namespace: string): Promise<void> {
  const { cluster } = playing.edition
  const pods = (await cluster.admin(['get', 'pods', '-n', namespace, '-o', 'name'])).stdout.trim().split('\n')
  for (const [index, pod] of pods.entries()) {
    const path = '/status/containerStatuses/0/containerID'
    const patch = JSON.stringify([{ op: 'add', path, value: `containerd://${index}` }])
    const args = ['patch', pod, '-n', namespace, '--subresource=status', '--type=json', '-p', patch]
    expect(await cluster.admin(args)).toMatchObject({ code: 0 })
  }
}

/** All the logs there are: those of the pretended node are from the beginning of the year. */
function argsFor(kubeconfig: string, namespace: string): readonly string[] {
  return ['--kubeconfig', kubeconfig, '--namespace', namespace, '--since', '87600h', '--color', 'never']
}

function follow(kubeconfig: string, namespace: string): Following {
  const { deployment } = playing.edition.names
  const started = new Following(program, [...argsFor(kubeconfig, namespace), `deployment/${deployment}`])
  running.push(started)
  return started
}

describe(`stern ${STERN.version}`, () => {
  test(
    'follows the pods of a deployment as it does directly, those too that come later, until its lease ends',
    async () => {
      const { app, foreign, deployment } = playing.edition.names
      const lease = await playing.lease('read-logs')
      const both = [follow(direct, foreign), follow(playing.stage.kubeconfigFile, app)] as const
      for (const each of both) await each.says(/the server is up$/m, 2)
      const scaled = await playing.edition.cluster.admin([
        ...['scale', `deployment/${deployment}`, '-n', app, '--replicas=3'],
      ])
      expect(scaled).toMatchObject({ code: 0 })
      const ready = ['rollout', 'status', `deployment/${deployment}`, '-n', app, '--timeout=60s']
      expect(await playing.edition.cluster.admin(ready)).toMatchObject({ code: 0 })
      await nameContainers(app)
      const [, through] = both
      await through.says(/the server is up$/m, 3)
      await until('every request', async () => (await unrecorded(playing, [lease])).length === 0)
      expect(await playing.leasegate('admin', 'lease', 'revoke', lease)).toMatchObject({ code: 0 })
      await through.says(/the lease was revoked|lease \S+ has ended/, 1)
    },
    WITHIN,
  )

  test(
    'says in the words of the boundary why it follows nothing elsewhere',
    async () => {
      await playing.lease('read-logs')
      const { foreign } = playing.edition.names
      const refused = await run(program, [...argsFor(playing.stage.kubeconfigFile, foreign), '.'])
      expect(refused.code).not.toBe(0)
      expect(refused.stderr).toContain(`the lease does not grant watch on pods in namespace \\"${foreign}\\"`)
    },
    WITHIN,
  )
})
