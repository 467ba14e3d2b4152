import { join } from 'node:path'
import { RISKS } from '../../src/policy/risk/risks.ts'
import { aClientsEdition } from '../clients/a-clients-edition.ts'
import { administratorsKubeconfig } from '../clients/matrix/administrator.ts'
import type { TestEdition } from '../e2e/an-edition.ts'

const TEMPLATE = 'conformance'
/** No request has these verbs, and no star stands for them: whoever has them may hand on what it does not hold. */
const WIDENING = ['bind', 'escalate', 'approve', 'sign', 'attest']
const EVERYTHING = { verbs: ['*', ...WIDENING], apiGroups: ['*'], resources: ['*'] }
/** No star stands for these. */
const NAMESPACES = {
  verbs: ['*'],
  apiGroups: [''],
  resources: ['namespaces', 'namespaces/status', 'namespaces/finalize'],
}

export interface UpstreamEdition {
  readonly playing: TestEdition
  /** Past the boundary, as cluster-admin. */
  readonly direct: string
  /** Through it, under a lease. */
  readonly through: string
}

/**
 * An edition with a lease that is as wide as the policy can make one: the suite creates and deletes namespaces, kinds, roles and
 * webhooks as it likes, and nobody sits there to say yes. Whatever is refused even so is refused by the boundary as such.
 */
export async function anUpstreamEdition(): Promise<UpstreamEdition> {
  const playing = await aClientsEdition(() => [
    {
      name: TEMPLATE,
      namespaces: ['*'],
      rules: [
        EVERYTHING,
        { ...EVERYTHING, scope: 'cluster' },
        { ...NAMESPACES, scope: 'cluster' },
        { scope: 'cluster', verbs: ['*'], nonResourceURLs: ['*'] },
      ],
      dangerous: RISKS.filter(({ disposition }) => disposition === 'dangerous').map(({ id }) => id),
      approval: { skip: RISKS.map(({ id }) => id) },
      maxTtl: '12h',
    },
  ])
  const id = await playing.lease(TEMPLATE, '--ttl', '12h', '--namespace', '*')
  const through = join(playing.edition.directory, 'upstream.kubeconfig')
  const { code, stderr } = await playing.leasegate('agent', 'kubeconfig', '--lease', id, '--out', through)
  if (code !== 0) throw new Error(stderr)
  return { playing, direct: await administratorsKubeconfig(playing.edition), through }
}
