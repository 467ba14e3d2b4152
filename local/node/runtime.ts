import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Archive } from './images/ensure-images.ts'
import { POD_NETWORK } from './machine.ts'
import type { Place } from './place.ts'

export const RUNTIME_SOCKET = '/run/containerd/containerd.sock'

interface Options {
  readonly place: Place
  readonly directory: string
  /** Folder of containerd, its shim and ctr. */
  readonly containerd: string
  /** Images stay here from one run to the next: to unpack them takes longer than all the rest. */
  readonly store: string
  readonly pauseImage: string
  readonly archives: readonly Archive[]
}

/** containerd, with the images that pods here may ask for. Nothing is ever pulled: there is no way to a registry. */
export async function startRuntime(options: Options): Promise<void> {
  const { place, directory, containerd, store, archives } = options
  await mkdir(store, { recursive: true })
  const config = join(directory, 'containerd.toml')
  await writeFile(config, containerdConfig(options, await writeNetwork(directory)))
  await place.start({
    name: 'containerd',
    command: join(containerd, 'containerd'),
    args: ['--config', config],
    // It looks for its shim there, and for runc.
    env: { PATH: `${containerd}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin` },
    logFile: join(directory, 'containerd.log'),
    isReady: async () => (await ctr(options, ['version'])).code === 0,
  })
  await forgetContainers(options)
  for (const { name, file, imported } of archives) {
    const { code, stderr } = await ctr(options, ['images', 'import', file])
    if (code !== 0) throw new Error(`cannot import ${name}: ${stderr}`)
    await imported()
  }
  if (archives.length > 0) await forgetImages(options)
}

function ctr({ place, containerd }: Options, args: readonly string[]) {
  return place.run(join(containerd, 'ctr'), ['--address', RUNTIME_SOCKET, '--namespace', 'k8s.io', ...args])
}

/** An earlier node ended without a word to containerd: its containers are no pods of this one. */
async function forgetContainers(options: Options): Promise<void> {
  for (const kind of ['containers', 'sandboxes']) {
    const { stdout } = await ctr(options, [kind, 'list', '--quiet'])
    const ids = stdout.split('\n').filter(id => /^[0-9a-f]{64}$/.test(id))
    if (ids.length > 0) await ctr(options, [kind, 'delete', ...ids])
  }
}

/** What an import took the name from would stay for good: the kubelet begins to look when the disk is nearly full. */
async function forgetImages(options: Options): Promise<void> {
  const { stdout } = await ctr(options, ['images', 'list'])
  const [, ...rows] = stdout.trim().split('\n')
  const images = rows.map(row => row.split(/\s+/)).map(([name = '', , digest = '']) => ({ name, digest }))
  const named = new Set(images.flatMap(({ name, digest }) => (name.startsWith('sha256:') ? [] : [digest])))
  const forgotten = images.filter(({ digest }) => !named.has(digest)).map(({ name }) => name)
  if (forgotten.length > 0) await ctr(options, ['images', 'remove', '--sync', ...forgotten])
}

/** Each pod has a link of its own to the node, and is reached by its route: whatever passes from pod to pod passes the node's firewall. */
async function writeNetwork(directory: string): Promise<string> {
  const file = join(directory, 'cni', '10-node.conflist')
  const range = { subnet: POD_NETWORK }
  const ipam = { type: 'host-local', dataDir: '/run/cni', ranges: [[range]], routes: [{ dst: '0.0.0.0/0' }] }
  const plugins = [
    { type: 'ptp', ipMasq: false, mtu: 1500, ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ]
  await mkdir(dirname(file))
  await writeFile(file, JSON.stringify({ cniVersion: '1.0.0', name: 'pods', plugins }))
  return dirname(file)
}

function containerdConfig({ directory, store, pauseImage }: Options, networks: string): string {
  return `version = 3
root = '${store}'
state = '/run/containerd'
[plugins.'io.containerd.internal.v1.opt']
  path = '${join(directory, 'opt')}'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${pauseImage}'
[plugins.'io.containerd.cri.v1.runtime']
  # Not every root may lower an oom_score_adj (CAP_SYS_RESOURCE), and the kubelet wants that for each sandbox.
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['/usr/lib/cni']
    conf_dir = '${networks}'
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = false
`
}
