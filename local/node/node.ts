import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority } from '../pki.ts'
import type { Ran } from '../process/run.ts'
import type { Supervisor } from '../process/supervisor.ts'
import type { Report } from '../toolchain/cache.ts'
import { ensureNodeTools } from '../toolchain/node-tools.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { baseObjects } from './base-objects.ts'
import { makeCgroups, removeCgroups } from './cgroups.ts'
import { startControlPlane } from './control-plane.ts'
import { closeFirewall } from './firewall.ts'
import { ensureImages, type Images } from './images/ensure-images.ts'
import { takeImageFolder } from './images/image-folder.ts'
import type { ImageNames } from './images/names.ts'
import { startKubelet } from './kubelet.ts'
import { furnish } from './machine.ts'
import { type Inside, type Place, startPlace } from './place.ts'
import { startRuntime } from './runtime.ts'

export interface Node {
  readonly place: Inside
  readonly kubectl: string
  readonly images: ImageNames
  readonly adminKubeconfig: string
  readonly auditLog: string
  readonly server: string
  readonly caFile: string
  /** kubectl as cluster admin; input goes to `-f -`. */
  readonly admin: (args: readonly string[], input?: string) => Promise<Ran>
}

export interface NodeOptions {
  readonly toolchain: Toolchain
  /** Empty folder of its own, with a short path. */
  readonly directory: string
  /** Where its volumes are, a folder of their own; without it beside the rest. */
  readonly volumes?: string
  /** The node's processes, pods and namespaces end with its programs. */
  readonly supervisor: Supervisor
  /** For what is to be put away after that. */
  readonly atEnd: (putAway: () => Promise<void>) => void
  readonly report: Report
}

const VOLUMES = 4

/**
 * A real node of a real cluster on this machine: kubelet, containerd, kube-proxy, NetworkPolicies and DNS, in namespaces of its own.
 * One at a time, for its store of images is kept. Needs root and what `whyNoNode` looks for.
 */
export async function startNode(options: NodeOptions): Promise<Node> {
  const { toolchain, directory, supervisor, atEnd, report } = options
  const tools = await ensureNodeTools(report)
  const { folder, giveBack } = await takeImageFolder(() => report('waiting for another process that runs a node'))
  atEnd(giveBack)
  const images = await ensureImages({ toolchain, tools, folder, report })
  report('starting the node: a cluster, containerd, kubelet …')
  const begin = performance.now()
  // Not started where somebody asked for the end in between: then there is nothing to put away either.
  const place = await startPlace({ supervisor, directory, pause: tools.pause })
  const made = makeCgroups(folder => supervisor.removeAtEnd(folder))
  atEnd(() => made.catch(() => undefined).then(removeCgroups))
  await made
  await furnish(place, directory)
  await closeFirewall(place)
  const node = await startPrograms({ ...options, tools, place, images, folder })
  report(`the node is ready, ${Math.round((performance.now() - begin) / 1000)} s after its start`)
  return node
}

interface Starting extends NodeOptions {
  readonly tools: Awaited<ReturnType<typeof ensureNodeTools>>
  readonly place: Place
  readonly images: Images
  readonly folder: string
}

async function startPrograms(starting: Starting): Promise<Node> {
  const { toolchain, tools, directory, place, images, folder } = starting
  const authority = await createAuthority(directory)
  const [controlPlane] = await Promise.all([
    startControlPlane({ place, toolchain, directory, authority }),
    startRuntime({
      place,
      directory,
      containerd: tools.containerd,
      store: join(folder, 'containerd'),
      pauseImage: images.names.pause,
      archives: images.archives,
    }),
  ])
  const { adminKubeconfig, auditLog, server } = controlPlane
  const admin = adminOf(place, toolchain.kubectl, adminKubeconfig)
  const kubectl = async (args: readonly string[]) => (await admin(args)).stdout
  await startKubelet({ place, tools, directory, controlPlane, kubectl })
  const volumes = await makeVolumes(starting.volumes ?? directory)
  const objects = { apiVersion: 'v1', kind: 'List', items: baseObjects(images.names.coredns, volumes) }
  const created = await admin(['apply', '-f', '-'], JSON.stringify(objects))
  if (created.code !== 0) throw new Error(created.stderr)
  const { pid, command, run, must } = place
  return {
    place: { pid, command, run, must },
    kubectl: toolchain.kubectl,
    images: images.names,
    adminKubeconfig,
    auditLog,
    server,
    caFile: authority.caFile,
    admin,
  }
}

/** kubectl as cluster admin, in the node's network. What it remembers of the cluster lies beside its kubeconfig, and not in HOME. */
export function adminOf(place: Inside, kubectl: string, kubeconfig: string): Node['admin'] {
  const env = { KUBECACHEDIR: rememberedBeside(kubeconfig) }
  return (args, input) =>
    place.run(kubectl, ['--kubeconfig', kubeconfig, ...args], { env, ...(input === undefined ? {} : { input }) })
}

export function rememberedBeside(kubeconfig: string): string {
  return `${kubeconfig}.cache`
}

async function makeVolumes(directory: string): Promise<readonly string[]> {
  const paths = Array.from({ length: VOLUMES }, (_, index) => join(directory, `volume-${index}`))
  for (const path of paths) await mkdir(path)
  return paths
}
