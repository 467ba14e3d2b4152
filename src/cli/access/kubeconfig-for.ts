import { stringify } from 'yaml'
import type { Config } from '../../config/read-config.ts'
import { CLIENT_SETTINGS } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { readCaFile } from '../broker/read-ca-file.ts'
import { thisProgram } from '../command/this-program.ts'
import type { ShownLease } from '../lease/shown-lease.ts'
import { EXEC_INFO, type ExecApi, execApiVersion } from '../token-cache/exec-credential.ts'
import type { LeaseChoice } from './lease-choice.ts'

export const KUBECONFIG_SETTINGS = [...CLIENT_SETTINGS, 'boundaryUrl', 'boundaryCaFile', 'clusterName'] as const
export type KubeconfigSettings = Config<(typeof KUBECONFIG_SETTINGS)[number]>

export interface KubeconfigChoice extends LeaseChoice {
  /** The command that fetches tokens, by a name that kubectl finds on its PATH, or a path; this very program where nothing is said. */
  readonly plugin?: string
  /** What clients ask it by; `v1` where nothing is said. */
  readonly execApi?: ExecApi
}

/** A kubeconfig as YAML, by which kubectl and client-go reach the boundary under that lease. No credential is in it. */
export async function kubeconfigFor(
  lease: ShownLease,
  { template, leaseFrom, plugin, execApi = 'v1' }: KubeconfigChoice,
  config: KubeconfigSettings,
): Promise<string> {
  const name = config.clusterName
  const user = template ?? lease.id
  const choice = choiceOf(lease, template, leaseFrom)
  // Without one kubectl would ask in `default`, which is hardly ever what a lease is for.
  const [namespace] = lease.namespaces.filter(one => one !== '*')
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: config.boundaryUrl, ...(await authority(config.boundaryCaFile)) } }],
    users: [{ name: user, user: { exec: execPlugin(plugin, choice, config, execApi) } }],
    contexts: [{ name, context: { cluster: name, user, ...(namespace === undefined ? {} : { namespace }) } }],
    'current-context': name,
  }
  return stringify(kubeconfig, { lineWidth: 0 })
}

function choiceOf({ id }: ShownLease, template?: string, leaseFrom?: string): readonly string[] {
  if (leaseFrom !== undefined) return ['--lease-from', leaseFrom]
  return template === undefined ? ['--lease', id] : ['--template', template]
}

function execPlugin(
  plugin: string | undefined,
  choice: readonly string[],
  config: KubeconfigSettings,
  execApi: ExecApi,
): object {
  // kubectl may run anywhere.
  const [command, ...before] = plugin === undefined ? thisProgram() : [plugin]
  // What is said where kubectl runs is not to be overridden by what nobody has said here.
  const said = CLIENT_SETTINGS.filter(key => key !== 'tokenCache' || config.tokenCache === 'off')
  const env = said.map(key => ({ name: SETTINGS[key].env, value: config[key] }))
  return {
    apiVersion: execApiVersion(execApi),
    command,
    args: [...before, 'credential', ...choice],
    env: [...env.filter(({ value }) => value !== null), ...(execApi === 'v1' ? [] : [askingFor(execApi)])],
    interactiveMode: 'Never',
    provideClusterInfo: true,
  }
}

/** What clients of the older one often leave out, and others set anew. */
function askingFor(execApi: ExecApi): object {
  const asked = { apiVersion: execApiVersion(execApi), kind: 'ExecCredential', spec: { interactive: false } }
  return { name: EXEC_INFO, value: JSON.stringify(asked) }
}

async function authority(file: string | null): Promise<object> {
  if (file === null) return {}
  const pem = await readCaFile(file, "the boundary's CA (LEASEGATE_BOUNDARY_CA_FILE)")
  return { 'certificate-authority-data': Buffer.from(pem, 'utf8').toString('base64') }
}
