import { join } from 'node:path'
import { apply } from '../../../local/edition/cluster/prepare-cluster.ts'
import type { TestEdition } from '../../e2e/an-edition.ts'
import { aClientsEdition } from '../a-clients-edition.ts'

const TEMPLATE = 'operate'

/** So short that a program sees its end, and so long that a busy machine has time to ask for the next. */
export const TOKEN_TTL_MS = 60_000

/** A kind that is there since a while, but not from the beginning: a watch from version 1 is refused as too old. */
const THING = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Thing', plural: 'things', singular: 'thing' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
}

/** Anything in one namespace; as much as programs do without being asked for more. */
export async function anOperatorsEdition(clients: number): Promise<TestEdition> {
  const playing = await aClientsEdition(
    app => [
      {
        name: TEMPLATE,
        namespaces: [app],
        rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        approval: { skip: ['deletecollection', 'workload-code'] },
        maxTtl: '1h',
        maxLeases: clients + 1,
      },
    ],
    { leaseTokenTtl: `${TOKEN_TTL_MS / 1000}s` },
  )
  const { cluster } = playing.edition
  await apply(cluster, [THING])
  const established = ['wait', 'crd/things.example.com', '--for=condition=Established', '--timeout=30s']
  const { code, stderr } = await cluster.admin(established)
  if (code !== 0) throw new Error(stderr)
  return playing
}

export interface Lease {
  readonly id: string
  readonly kubeconfig: string
}

/** A lease of one's own for each client: a question is asked of one lease, and one can be revoked without the others. */
export async function leaseFor({ edition, leasegate, lease }: TestEdition, name: string): Promise<Lease> {
  const id = await lease(TEMPLATE, '--ttl', '30m')
  const kubeconfig = join(edition.directory, `${name}.kubeconfig`)
  const { code, stderr } = await leasegate('agent', 'kubeconfig', '--lease', id, '--out', kubeconfig)
  if (code !== 0) throw new Error(stderr)
  return { id, kubeconfig }
}
