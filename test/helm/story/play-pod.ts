import { readdir, readFile, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Cluster } from '../../../local/cluster/cluster.ts'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { run } from '../../../local/process/run.ts'
import type { Supervisor } from '../../../local/process/supervisor.ts'
import type { Toolchain } from '../../../local/toolchain/toolchain.ts'
import { type Container, type PodSpec, type Probe, portNumber } from './pod-spec.ts'
import { mountVolumes } from './volumes.ts'

export interface Node {
  readonly cluster: Cluster
  readonly toolchain: Toolchain
  readonly supervisor: Supervisor
  readonly directory: string
  readonly namespace: string
  /** The address of loopback that stands for a name of a Service. */
  readonly addresses: Readonly<Record<string, string>>
}

export interface Pod {
  readonly name: string
  /** Its address of loopback: ports stay what the chart says. */
  readonly address: string
  readonly spec: PodSpec
}

/**
 * Runs the containers of a pod as processes of this machine, with the command, the environment and the files that the API server has
 * for them. Three things differ, because there is one machine: folders lie elsewhere, names are addresses of loopback, and
 * every address is one of them.
 */
export async function playPod(node: Node, pod: Pod): Promise<void> {
  await initPod(node, pod)
  await Promise.all(pod.spec.containers.map(container => startContainer(node, pod, container)))
}

/** Until its containers would be started: its volumes are there, and what comes before them has run. */
export async function initPod(node: Node, pod: Pod): Promise<void> {
  await mountVolumes({ ...node, spec: pod.spec, folder: join(node.directory, pod.name) })
  for (const container of pod.spec.initContainers ?? []) {
    await localizeMounts(node, pod, container)
    await runToEnd(node, pod, container)
  }
}

export async function runToEnd(
  node: Node,
  pod: Pod,
  container: Container,
  more: readonly string[] = [],
): Promise<string> {
  const { command, args, env } = toProcess(node, pod, container)
  const { code, stdout, stderr } = await run(command, [...args, ...more], { env })
  if (code !== 0) throw new Error(`${pod.name}/${container.name} failed (${code}): ${stderr}${stdout}`)
  return stdout
}

async function startContainer(node: Node, pod: Pod, container: Container): Promise<void> {
  const name = `${pod.name}-${container.name}`
  await localizeMounts(node, pod, container)
  await node.supervisor.start({
    name,
    ...toProcess(node, pod, container),
    logFile: join(node.directory, `${name}.log`),
    isReady: async () => {
      const { startupProbe, readinessProbe, livenessProbe } = container
      const probes = [startupProbe, readinessProbe, livenessProbe].filter(each => each !== undefined)
      return (await Promise.all(probes.map(each => probe(pod, each)))).every(passed => passed)
    },
  })
}

function toProcess(node: Node, pod: Pod, container: Container) {
  const here = localized(node, pod, container)
  const { command, own } = program(node, pod, container)
  return {
    command,
    args: [...own, ...(container.args ?? []).map(here)],
    env: Object.fromEntries((container.env ?? []).map(({ name, value = '' }) => [name, here(value)])),
  }
}

/** What stands in the image, here: a program, and arguments that are not the container's. */
function program({ toolchain }: Node, pod: Pod, { image }: Container) {
  if (image.includes('leasegate/leasegate')) return { command: process.execPath, own: [MAIN] }
  if (image.includes('envoyproxy/envoy')) return { command: toolchain.envoy, own: [] }
  if (image.includes('valkey/valkey')) return { command: toolchain.valkeyServer, own: ['--bind', pod.address] }
  throw new Error(`nobody here knows what is in ${image}`)
}

type Localize = (text: string) => string

function localized({ directory, addresses }: Node, pod: Pod, { volumeMounts = [] }: Container): Localize {
  const folders = new Map(volumeMounts.map(({ name, mountPath }) => [mountPath, join(directory, pod.name, name)]))
  const longestFirst = [...folders.keys()].toSorted((a, b) => b.length - a.length)
  // In one pass: what was put in may hold the same text again.
  const mounted = new RegExp(`(?<![\\w/])(?:${longestFirst.join('|')})(?=[/"]|$)`, 'g')
  return text => {
    let local = folders.size === 0 ? text : text.replaceAll(mounted, found => folders.get(found) ?? found)
    for (const [name, address] of Object.entries(addresses)) local = local.replaceAll(name, address)
    return local
      .replaceAll(/0\.0\.0\.0|\[::\](?=:)|(?<=")::(?=")/g, pod.address)
      .replaceAll('"ipv4_compat": true', '"ipv4_compat": false')
  }
}

/** Configuration names folders and hosts as well, and so does what is made of it; what comes out of a Secret does not. */
async function localizeMounts(node: Node, pod: Pod, container: Container): Promise<void> {
  const here = localized(node, pod, container)
  for (const { name } of container.volumeMounts ?? [])
    await localizeFiles(pod, join(node.directory, pod.name, name), name, here)
}

async function localizeFiles({ spec }: Pod, folder: string, volume: string, here: Localize): Promise<void> {
  const isMade = spec.initContainers?.some(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => name === volume))
  const isConfigured = spec.volumes?.find(({ name }) => name === volume)?.configMap !== undefined
  if (!isConfigured && isMade !== true) return
  for (const file of await readdir(folder)) {
    const text = await readFile(join(folder, file), 'utf8')
    await writeFile(join(folder, file), here(text))
  }
}

function probe({ address, spec }: Pod, { httpGet, tcpSocket }: Probe): Promise<boolean> {
  return new Promise(resolve => {
    if (httpGet !== undefined) {
      const asking = get(
        { host: address, port: portNumber(spec, httpGet.port), path: httpGet.path, timeout: 2000 },
        answer => {
          answer.resume()
          resolve(answer.statusCode === 200)
        },
      )
      asking.once('error', () => resolve(false))
      return
    }
    const socket = connect({ host: address, port: portNumber(spec, tcpSocket?.port ?? 0) }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
