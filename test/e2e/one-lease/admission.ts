import { beforeAll, describe, expect, test } from 'vitest'
import { apply } from '../../../local/edition/cluster/prepare-cluster.ts'
import { playing } from './the-edition.ts'

beforeAll(async () => {
  const { cluster, names } = playing.edition
  await apply(cluster, [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'own', namespace: names.app } },
    workload('own', names.app, { serviceAccountName: 'own' }),
    workload('node', names.app, { hostPID: true }),
    workload('holding', names.app, {}, { envFrom: [{ secretRef: { name: 'db' } }] }),
  ])
})

function workload(name: string, namespace: string, spec: object, container: object = {}) {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { ...spec, containers: [{ name: 'c', image: 'x:1', ...container }] } }
  const metadata = { name, namespace }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  }
}

const kubectl = (...args: readonly string[]) => playing.stage.kubectl([...args, '-n', playing.edition.names.app])

async function imageOf(name: string): Promise<string> {
  const image = 'jsonpath={.spec.template.spec.containers[0].image}'
  const { cluster, names } = playing.edition
  return (await cluster.admin(['get', 'deployment', name, '-n', names.app, '-o', image])).stdout
}

describe('in the local edition, what is sent may say nothing of what results', () => {
  test.each([
    { name: 'own', says: /run as another service account/ },
    { name: 'node', says: /share the host's namespaces/ },
    { name: 'holding', says: /change nothing of what runs in pods that have Secrets/ },
  ])(
    'an image for a workload that is somebody else, or has what it was not given ($name) is refused by the API server, and a restart is not',
    async ({ name, says }) => {
      const image = await kubectl('set', 'image', `deployment/${name}`, 'c=evil/x')
      expect(image).toMatchObject({ code: 1, stderr: expect.stringMatching(says) })
      expect(await imageOf(name)).toBe('x:1')
      expect(await kubectl('rollout', 'restart', `deployment/${name}`)).toMatchObject({ code: 0 })
      expect(await kubectl('scale', `deployment/${name}`, '--replicas=0')).toMatchObject({ code: 0 })
    },
  )

  test('an image for a workload that is as a lease may make it goes on', async () => {
    const { deployment } = playing.edition.names
    expect(await kubectl('set', 'image', `deployment/${deployment}`, 'web=web:2')).toMatchObject({ code: 0 })
    expect(await imageOf(deployment)).toBe('web:2')
  })
})
