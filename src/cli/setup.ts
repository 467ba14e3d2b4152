import { Command, Option } from 'commander'
import { type Setup, setUp } from '../certificates/setup.ts'
import { ClusterError } from '../kubernetes/cluster-error.ts'
import { connectSecretStore } from '../kubernetes/secret-store.ts'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly name: string
  readonly namespace: string
  readonly host: readonly string[]
  readonly label: readonly string[]
  readonly only?: Setup['parts'][number]
  readonly kubeconfig?: string
  readonly context?: string
}

export function setupCommand(terminal: Terminal): Command {
  return new Command('setup')
    .description(
      'make the Secrets with certificates and keys that are missing in a namespace; never changes one that is there',
    )
    .requiredOption('--name <prefix>', 'before the names of all of them')
    .requiredOption('--namespace <name>', 'where')
    .option('--host <name...>', 'names and addresses by which agents reach Envoy', [])
    .option('--label <key=value...>', 'labels of the Secrets', [])
    .addOption(new Option('--only <part>', 'one part alone').choices(['certificates', 'keys']))
    .option('--kubeconfig <file>', 'from outside of the cluster')
    .option('--context <name>', "its context (default: the file's current one)")
    .action(async (options: Options) => {
      const { name, namespace, host, kubeconfig, context, only } = options
      const parts = only === undefined ? (['certificates', 'keys'] as const) : [only]
      if (parts.includes('certificates') && host.length === 0) {
        throw new CliError('usage', 'certificates want a --host: the name by which agents reach Envoy')
      }
      const choice = kubeconfig === undefined ? null : { file: kubeconfig, context: context ?? null }
      const labels = Object.fromEntries(options.label.map(toLabel))
      const done = await connectSecretStore(choice, namespace)
        .then(store => setUp(store, { name, hosts: host, labels, parts }))
        .catch(error => {
          throw new CliError(
            error instanceof ClusterError && error.code !== 'usage' ? 'unavailable' : 'usage',
            (error as Error).message,
            error,
          )
        })
      terminal.print(done.map(({ secret, made }) => `${secret}: ${made ? 'made' : 'is there'}\n`).join(''))
    })
}

function toLabel(text: string): readonly [string, string] {
  const cut = text.indexOf('=')
  if (cut < 1) throw new CliError('usage', `--label is KEY=VALUE, not ${text}`)
  return [text.slice(0, cut), text.slice(cut + 1)]
}
