import { chmod, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { stringify } from 'yaml'
import type { Config } from '../../config/read-config.ts'
import { CLIENT_SETTINGS } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { shellQuote } from '../../proof/shell-quote.ts'
import { brokerClient } from '../broker-client.ts'
import { CliError } from '../cli-error.ts'
import type { ShownLease } from '../lease/shown-lease.ts'
import { readCaFile } from '../read-ca-file.ts'
import { settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { findLease, type LeaseChoice, templateOption } from './find-lease.ts'

const WANTED = [...CLIENT_SETTINGS, 'boundaryUrl', 'boundaryCaFile', 'clusterName'] as const
type KubeconfigSettings = Config<(typeof WANTED)[number]>

interface Options extends LeaseChoice {
  readonly out?: string
}

export function kubeconfigCommand(terminal: Terminal): Command {
  return new Command('kubeconfig')
    .description('write a kubeconfig for a lease; no credential is in it, kubectl gets one by itself')
    .option('--lease <id>', 'the lease (default: the only one you hold)')
    .addOption(templateOption())
    .option('--out <file>', 'where to (default: standard output)')
    .action(async ({ out, ...choice }: Options) => {
      const config = settings(terminal, WANTED)
      const found = await findLease(brokerClient(terminal), choice)
      const text = stringify(await toKubeconfig(found, choice, config), { lineWidth: 0 })
      if (out === undefined) terminal.print(text)
      else {
        await write(out, text)
        terminal.note(written(out, found, choice))
      }
    })
}

async function toKubeconfig(lease: ShownLease, { template }: LeaseChoice, config: KubeconfigSettings): Promise<object> {
  const name = config.clusterName
  const user = template ?? lease.id
  const choice = template === undefined ? ['--lease', lease.id] : ['--template', template]
  // Without one kubectl would ask in `default`, which is hardly ever what a lease is for.
  const [namespace] = lease.namespaces.filter(one => one !== '*')
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: config.boundaryUrl, ...(await authority(config.boundaryCaFile)) } }],
    users: [{ name: user, user: { exec: plugin(choice, config) } }],
    contexts: [{ name, context: { cluster: name, user, ...(namespace === undefined ? {} : { namespace }) } }],
    'current-context': name,
  }
}

/** This very program with this very Node, by absolute paths: kubectl may run anywhere. */
function plugin(choice: readonly string[], config: KubeconfigSettings): object {
  const env = CLIENT_SETTINGS.map(key => ({ name: SETTINGS[key].env, value: config[key] }))
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [process.argv[1], 'credential', ...choice],
    env: env.filter(({ value }) => value !== null),
    interactiveMode: 'Never',
    provideClusterInfo: true,
  }
}

function written(file: string, { id, namespaces, expiresAt }: ShownLease, { template }: LeaseChoice): string {
  const what =
    template === undefined
      ? `lease ${id}, until ${new Date(expiresAt).toISOString()}`
      : `the newest lease of ${template}`
  const others = namespaces.filter(one => one !== '*').slice(1)
  const beside = others.length === 0 ? '' : `  also granted, with --namespace: ${others.join(', ')}\n`
  return `${file} written for ${what}\n${beside}  next: export KUBECONFIG=${shellQuote(resolve(file))}\n`
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
