import { existsSync } from 'node:fs'
import { type Ran, run } from '../process/run.ts'
import { type ApiServer, toApiServer } from './api-server.ts'
import { whyOf } from './why.ts'

/** A platform engineer's way into a cluster: kubectl with their kubeconfig, whatever credential it holds. */
export interface Access {
  readonly kubeconfig: string
  readonly context: string
  readonly apiServer: ApiServer
  /** kubectl as they are; input goes to `-f -`. */
  readonly admin: (args: readonly string[], input?: string) => Promise<Ran>
}

interface Choice {
  readonly kubectl: string
  readonly file: string
  /** Null: the file's current one. */
  readonly context: string | null
}

/** Throws a sentence for people when the file cannot be used. Nothing is asked of the cluster yet. */
export async function openKubeconfig({ kubectl, file, context }: Choice): Promise<Access> {
  if (!existsSync(file)) throw new Error(`there is no kubeconfig ${file}`)
  const config = (...args: readonly string[]) => run(kubectl, ['--kubeconfig', file, 'config', ...args])
  const contexts = await config('get-contexts', '-o', 'name')
  if (contexts.code !== 0) throw new Error(`${file} is not a kubeconfig: ${whyOf(contexts.stderr)}`)
  const names = contexts.stdout.split('\n').filter(name => name !== '')
  const chosen = context ?? (await config('current-context')).stdout.trim()
  if (!names.includes(chosen)) throw new Error(unknownContext(file, chosen, names))
  const shown = await run(kubectl, ['--kubeconfig', file, '--context', chosen, 'config', ...ONLY_THE_CLUSTER])
  if (shown.code !== 0) throw new Error(`context ${chosen} of ${file} cannot be used: ${whyOf(shown.stderr)}`)
  const cluster = toApiServer(shown.stdout === '' ? {} : JSON.parse(shown.stdout))
  if (cluster.kind === 'refused') throw new Error(`context ${chosen} of ${file} ${cluster.why}`)
  const access = ['--kubeconfig', file, '--context', chosen, '--request-timeout=30s']
  return {
    kubeconfig: file,
    context: chosen,
    apiServer: cluster.apiServer,
    admin: (args, input) => run(kubectl, [...access, ...args], input === undefined ? {} : { input }),
  }
}

/** Files are read into it, credentials of users are not part of it. */
const ONLY_THE_CLUSTER = ['view', '--minify', '--flatten', '--raw', '-o', 'jsonpath={.clusters[0].cluster}']

function unknownContext(file: string, chosen: string, names: readonly string[]): string {
  const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
  return chosen === ''
    ? `${file} has no current context; choose one with --context (${known})`
    : `${file} has no context ${chosen}; ${known}`
}
