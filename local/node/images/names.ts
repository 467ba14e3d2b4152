import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

/** What the images are called by those who ask for them. */
export interface ImageNames {
  /** The Dockerfile builds in this one … */
  readonly node: string
  /** … and on this one. */
  readonly runtime: string
  /** And the one of the program of agents and approvers on this one. */
  readonly clientRuntime: string
  /** The chart asks for these. */
  readonly envoy: string
  readonly valkey: string
  readonly product: string
  /** The program of agents and approvers. */
  readonly client: string
  /** What the product's image is made from, kept for the next one. */
  readonly packages: string
  /** These are nobody's but ours. */
  readonly agent: string
  readonly coredns: string
  readonly pause: string
}

export const CLIENT_DOCKERFILE = 'local/release/client/Dockerfile'

interface Image {
  readonly registry: string
  readonly repository: string
  readonly tag: string
}

interface Values {
  readonly envoy: { readonly image: Image }
  readonly embedded: { readonly valkey: { readonly image: Image } }
}

export async function readImageNames(root: string): Promise<ImageNames> {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')
  const ofClient = await readFile(join(root, CLIENT_DOCKERFILE), 'utf8')
  const values = parse(await readFile(join(root, 'helm/leasegate/values.yaml'), 'utf8')) as Values
  return {
    node: argument(dockerfile, 'NODE_IMAGE'),
    runtime: argument(dockerfile, 'RUNTIME_IMAGE'),
    clientRuntime: argument(ofClient, 'RUNTIME_IMAGE'),
    envoy: nameOf(values.envoy.image),
    valkey: nameOf(values.embedded.valkey.image),
    product: 'localhost/leasegate/leasegate:node',
    client: 'localhost/leasegate/client:node',
    packages: 'localhost/leasegate/packages:node',
    agent: 'localhost/leasegate/agent:node',
    coredns: 'localhost/leasegate/coredns:node',
    pause: 'localhost/leasegate/pause:node',
  }
}

function argument(dockerfile: string, name: string): string {
  const found = new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(dockerfile)?.[1]
  if (found === undefined) throw new Error(`Dockerfile: no ARG ${name}`)
  return found
}

function nameOf({ registry, repository, tag }: Image): string {
  return `${registry}/${repository}:${tag}`
}
