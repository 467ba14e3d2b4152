import { Writable } from 'node:stream'
import { Exec, KubeConfig, type V1Status } from '@kubernetes/client-node'
import { within } from '../support/time/within.ts'
import { ClusterError } from './cluster-error.ts'

export interface ExecTarget {
  readonly server: string
  /** PEM, null: the system's CAs. */
  readonly ca: string | null
  readonly token: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly command: readonly string[]
  readonly withinMs: number
}

export interface Executed {
  readonly stdout: string
  /** Whether the command ended with 0. */
  readonly ok: boolean
}

/** Runs a command in a pod over a WebSocket, as kubectl exec does. Rejects with a ClusterError when it was not let in, or took too long. */
export async function execCommand(target: ExecTarget): Promise<Executed> {
  const { namespace, pod, container, command, withinMs } = target
  const chunks: Buffer[] = []
  const stdout = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk)
      done()
    },
  })
  const ended = Promise.withResolvers<V1Status>()
  const exec = new Exec(toConfig(target))
  try {
    const opening = exec.exec(namespace, pod, container, [...command], stdout, null, null, false, ended.resolve)
    const socket = await within(withinMs, opening)
    socket.on('close', () => ended.reject(new Error('cut')))
    const { status } = await within(withinMs, ended.promise).finally(() => socket.terminate())
    return { stdout: Buffer.concat(chunks).toString('utf8'), ok: status === 'Success' }
  } catch (cause) {
    throw new ClusterError('failed', `exec in ${namespace}/${pod}: ${reasonOf(cause)}`, cause)
  }
}

function toConfig({ server, ca, token }: ExecTarget): KubeConfig {
  const config = new KubeConfig()
  const caData = ca === null ? {} : { caData: Buffer.from(ca, 'utf8').toString('base64') }
  config.loadFromClusterAndUser({ name: 'boundary', server, skipTLSVerify: false, ...caData }, { name: 'lease', token })
  return config
}

/** The library rejects with an event of the WebSocket. */
function reasonOf(cause: unknown): string {
  const message = (cause as { readonly message?: unknown }).message
  return typeof message === 'string' && message !== '' ? message : 'the connection failed'
}
