import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { BOUNDARY_NAMESPACE } from '../../edition/cluster/boundary-namespace.ts'
import type { Names } from '../../edition/names.ts'
import { policyText } from '../../edition/policy-text.ts'
import type { Ran } from '../../process/run.ts'
import { SERVICE_ACCOUNT_ISSUER } from '../control-plane.ts'
import type { ImageNames } from '../images/names.ts'
import { type Node, rememberedBeside } from '../node.ts'

export const CHART = join(import.meta.dirname, '../../../helm/leasegate')
export const RELEASE = 'leasegate'
export const BOUNDARY_HOST = `${RELEASE}-envoy.${BOUNDARY_NAMESPACE}.svc`

export type Helm = (args: readonly string[]) => Promise<Ran>

/** Helm as the cluster's admin, in the namespace of the release. */
export function helmOn({ place, adminKubeconfig }: Node, helm: string, directory: string): Helm {
  const to = ['--kubeconfig', adminKubeconfig, '--namespace', BOUNDARY_NAMESPACE]
  const own = { HELM_CACHE_HOME: directory, HELM_CONFIG_HOME: directory, HELM_DATA_HOME: directory }
  const env = { ...own, KUBECACHEDIR: rememberedBeside(adminKubeconfig) }
  return args => place.run(helm, [...args, ...to], { env })
}

interface Wanted {
  readonly names: Names
  readonly templates: readonly object[]
  /** Parts take work as soon as they can, and not only once those they follow may go: for an installation that replaces no part. */
  readonly readyAtOnce: boolean
  /** `keys` is a JWKS, as text. */
  readonly people: { readonly issuer: string; readonly keys: string }
}

/** Writes the values of a release for these names; the file's path. */
export async function writeValues(
  node: Pick<Node, 'images'>,
  directory: string,
  { names, templates, readyAtOnce, people }: Wanted,
): Promise<string> {
  const text = policyText(names, {
    // Its keys are fetched, not copied: they may change.
    cluster: { issuer: SERVICE_ACCOUNT_ISSUER },
    people: { issuer: people.issuer, jwksFile: 'people.json' },
  })
  const policy = parse(text) as { readonly templates: readonly object[] }
  const inline = { ...policy, templates: [...policy.templates, ...templates] }
  const values = {
    image: imageOf(node.images),
    embedded: { enabled: true, valkey: { resources: { requests: little('64Mi'), limits: { memory: '1Gi' } } } },
    sessions: { enabled: true },
    policy: { inline, files: { 'people.json': people.keys } },
    networkPolicy: { agentNamespaces: [names.agentNamespace] },
    ...parts(readyAtOnce ? { minReadySeconds: 0 } : {}),
  }
  const file = join(directory, 'values.yaml')
  await writeFile(file, stringify(values))
  return file
}

function imageOf({ product }: ImageNames): object {
  const [, registry, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(product) ?? []
  return { registry, repository, tag, pullPolicy: 'Never' }
}

/** As the chart has them, the parts and what they need for an upgrade are more than two processors. */
function parts(each: object): object {
  const resources = (memory: string, limit: string) => ({
    resources: { requests: little(memory), limits: { memory: limit } },
  })
  return {
    authorizer: { ...resources('128Mi', '1Gi'), ...each },
    broker: { ...resources('128Mi', '512Mi'), ...each },
    tap: { ...resources('256Mi', '2Gi'), ...each },
    jobs: resources('128Mi', '512Mi'),
    envoy: { ...resources('64Mi', '1536Mi'), companion: resources('64Mi', '256Mi') },
  }
}

function little(memory: string): object {
  return { cpu: '10m', memory }
}
