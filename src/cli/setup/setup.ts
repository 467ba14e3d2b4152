import { Command, InvalidArgumentError, Option } from 'commander'
import { SETUP_PARTS, type SetupPart, setUp } from '../../certificates/setup.ts'
import { ClusterError } from '../../kubernetes/cluster-error.ts'
import type { KubeconfigChoice } from '../../kubernetes/connect/load-kubeconfig.ts'
import { connectConfigMapStore } from '../../kubernetes/stores/config-map-store.ts'
import { connectSecretStore } from '../../kubernetes/stores/secret-store.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { preflight } from './preflight.ts'

interface Options {
  readonly name: string
  readonly namespace: string
  readonly host: readonly string[]
  readonly label: readonly string[]
  readonly only?: readonly (SetupPart | 'checks')[]
  readonly days: number
  readonly publishCa: readonly string[]
  readonly policy?: string
  readonly granted?: string
  readonly kubeconfig?: string
  readonly context?: string
}

/** Weeks: what nobody renews is noticed soon, and by every installation for itself. */
const LEAF_DAYS = 42

export function setupCommand(terminal: Terminal): Command {
  const command = new Command('setup')
    .requiredOption('--name <prefix>', 'before the names of all of them')
    .requiredOption('--namespace <name>', 'where')
    .option('--host <name...>', 'names and addresses by which agents reach Envoy', [])
    .option('--label <key=value...>', 'labels of the Secrets', [])
    .option('--days <number>', 'how long certificates of processes live', toDays, LEAF_DAYS)
    .option('--publish-ca <namespace...>', 'namespaces that get the CA of what agents see, as ConfigMap NAME-ca', [])
    .option('--policy <file>', 'a policy file that must be good, with the files it names')
    .option('--granted <file>', 'the policy that roles were made from: it must grant what that one grants')
    .addOption(
      new Option('--only <part...>', 'these parts alone, instead of certificates and keys').choices([
        ...SETUP_PARTS,
        'checks',
      ]),
    )
    .option('--kubeconfig <file>', 'from outside of the cluster')
    .option('--context <name>', "its context (default: the file's current one)")
  return telling(command, terminal, async (options: Options) => {
    const parts = partsOf(options)
    await preflight(terminal, options)
    if (parts.length === 0) return { value: { done: [] }, text: '' }
    const { kubeconfig, context } = options
    const choice = kubeconfig === undefined ? null : { file: kubeconfig, context: context ?? null }
    const lines = await bringAbout(choice, options, parts).catch(error => {
      const away = error instanceof ClusterError && error.code !== 'usage'
      throw new CliError(away ? 'unavailable' : 'usage', (error as Error).message, error)
    })
    return { value: { done: lines }, text: lines.map(line => `${line}\n`).join('') }
  })
}

function partsOf({ only = ['certificates', 'keys'], host }: Options): readonly SetupPart[] {
  const parts = only.filter(part => part !== 'checks')
  if (parts.includes('certificates') && host.length === 0) {
    throw new CliError('usage', 'certificates want a --host: the name by which agents reach Envoy')
  }
  return parts
}

async function bringAbout(
  choice: KubeconfigChoice | null,
  { name, namespace, host, label, days, publishCa }: Options,
  parts: readonly SetupPart[],
): Promise<readonly string[]> {
  const labels = Object.fromEntries(label.map(toLabel))
  const store = await connectSecretStore(choice, namespace)
  const done = await setUp(store, { name, hosts: host, labels, parts, days })
  const authority = publishCa.length === 0 ? null : await store.read(`${name}-server-tls`)
  const values = { 'ca.crt': authority?.['ca.crt'] ?? '' }
  const maps = publishCa.length === 0 ? null : await connectConfigMapStore(choice)
  const published = await Promise.all(
    publishCa.map(async at => {
      const result = await maps?.keep({ namespace: at, name: `${name}-ca`, labels, values })
      return `ConfigMap ${name}-ca in ${at}: ${result}`
    }),
  )
  return [...done.map(({ secret, done: what }) => `${secret}: ${what}`), ...published]
}

function toDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > 825) throw new InvalidArgumentError('It is a number of days from 1 to 825.')
  return days
}

function toLabel(text: string): readonly [string, string] {
  const cut = text.indexOf('=')
  if (cut < 1) throw new CliError('usage', `--label is KEY=VALUE, not ${text}`)
  return [text.slice(0, cut), text.slice(cut + 1)]
}
