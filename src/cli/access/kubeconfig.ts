import { chmod, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { stringify } from 'yaml'
import type { Config } from '../../config/read-config.ts'
import { CLIENT_SETTINGS } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { type BrokerClient, brokerClient } from '../broker-client.ts'
import { CliError } from '../cli-error.ts'
import { SHOWN_LEASE, SHOWN_LEASES, type ShownLease } from '../lease/shown-lease.ts'
import { readCaFile } from '../read-ca-file.ts'
import { settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

const WANTED = [...CLIENT_SETTINGS, 'boundaryUrl', 'boundaryCaFile', 'clusterName'] as const
type KubeconfigSettings = Config<(typeof WANTED)[number]>

interface Options {
  readonly lease?: string
  readonly out?: string
}

export function kubeconfigCommand(terminal: Terminal): Command {
  return new Command('kubeconfig')
    .description('write a kubeconfig for a lease; no credential is in it, kubectl gets one by itself')
    .option('--lease <id>', 'the lease (default: the only one you hold)')
    .option('--out <file>', 'where to (default: standard output)')
    .action(async ({ lease, out }: Options) => {
      const config = settings(terminal, WANTED)
      const found = await findLease(brokerClient(terminal), lease)
      const text = stringify(await toKubeconfig(found, config), { lineWidth: 0 })
      if (out === undefined) terminal.print(text)
      else await write(out, text)
    })
}

async function findLease(broker: BrokerClient, id: string | undefined): Promise<ShownLease> {
  if (id !== undefined) return broker('GET', `/v1/leases/${encodeURIComponent(id)}`, SHOWN_LEASE)
  const { leases } = await broker('GET', '/v1/leases', SHOWN_LEASES)
  const [only] = leases
  if (only === undefined) {
    throw new CliError(
      'refused',
      'you hold no lease; get one with: leasegate lease request --template NAME --reason WHY',
    )
  }
  if (leases.length === 1) return only
  throw new CliError(
    'usage',
    `you hold several leases, name one with --lease: ${leases.map(lease => lease.id).join(', ')}`,
  )
}

async function toKubeconfig(lease: ShownLease, config: KubeconfigSettings): Promise<object> {
  const name = config.clusterName
  const [namespace] = lease.namespaces
  const hasOne = lease.namespaces.length === 1 && namespace !== undefined && namespace !== '*'
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: config.boundaryUrl, ...(await authority(config.boundaryCaFile)) } }],
    users: [{ name: lease.id, user: { exec: plugin(lease.id, config) } }],
    contexts: [{ name, context: { cluster: name, user: lease.id, ...(hasOne ? { namespace } : {}) } }],
    'current-context': name,
  }
}

/** This very program with this very Node, by absolute paths: kubectl may run anywhere. */
function plugin(lease: string, config: KubeconfigSettings): object {
  const env = CLIENT_SETTINGS.map(key => ({ name: SETTINGS[key].env, value: config[key] }))
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [process.argv[1], 'credential', '--lease', lease],
    env: env.filter(({ value }) => value !== null),
    interactiveMode: 'Never',
    provideClusterInfo: true,
  }
}

async function authority(file: string | null): Promise<object> {
  if (file === null) return {}
  const pem = await readCaFile(file, "the boundary's CA (LEASEGATE_BOUNDARY_CA_FILE)")
  return { 'certificate-authority-data': Buffer.from(pem, 'utf8').toString('base64') }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 })
    await chmod(file, 0o600)
  } catch (cause) {
    throw new CliError('usage', `cannot write ${file}`, cause)
  }
}
