import { Command } from 'commander'
import { CLIENT_SETTINGS } from '../../config/roles.ts'
import { findingsOf } from '../../findings/report.ts'
import { ClusterError } from '../../kubernetes/cluster-error.ts'
import { connectCluster } from '../../kubernetes/connect/connect-cluster.ts'
import type { ClusterSide, Endpoint, LeaseWish } from '../../proof/verify/parts.ts'
import { verify } from '../../proof/verify/verify.ts'
import { readCaFile } from '../broker/read-ca-file.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { readPolicy } from '../policy/read-policy.ts'
import { agentSide } from './agent-side.ts'
import { recordSide } from './record-side.ts'
import { type ReportFormat, render, reportOption } from './report-output.ts'

interface Options {
  readonly template?: string
  readonly namespace?: string
  readonly command?: readonly string[]
  readonly kubeconfig?: string
  readonly context?: string
  readonly policy?: string
  readonly alsoIn?: readonly string[]
  readonly output: ReportFormat
}

/** The tap writes at least once a second; a busy one takes longer. */
const RECORD_WITHIN_MS = 20_000

export function verifyCommand(terminal: Terminal): Command {
  return new Command('verify')
    .option('--template <name>', 'task template (default: the only one the agent has)')
    .option('--namespace <name>', 'where (default: the first that is granted)')
    .option('--command <word...>', 'what exec runs (default: an echo that the lease allows)')
    .option('--kubeconfig <file>', "a platform engineer's, to look for rights and leftovers in the cluster")
    .option('--context <name>', "its context (default: the file's current one)")
    .option('--policy <file>', 'the policy file (default: LEASEGATE_POLICY_FILE); goes with --kubeconfig')
    .option('--also-in <namespace...>', "namespaces to try rights in, beside the agent's own and those granted to it")
    .addOption(reportOption())
    .action(async (options: Options) => {
      const report = await prove(terminal, options).catch(error => {
        throw error instanceof ClusterError ? new CliError('usage', error.message, error) : error
      })
      terminal.print(render(report, options.output))
      const found = findingsOf(report).length
      if (found > 0) throw new CliError('refused', found === 1 ? 'there is 1 finding' : `there are ${found} findings`)
    })
}

async function prove(terminal: Terminal, options: Options) {
  const me = await agentSide(terminal)
  const wish = chooseWish(me.templates, options)
  const platform = await platformSide(terminal, options, me.namespaces)
  return verify({
    agent: me.agent,
    boundary: await boundary(terminal),
    record: recordSide(terminal),
    wish,
    command: options.command ?? null,
    platform,
    recordWithinMs: RECORD_WITHIN_MS,
    env: terminal.env,
  })
}

interface Granted {
  readonly name: string
  readonly namespaces: readonly string[]
}

function chooseWish(templates: readonly Granted[], { template, namespace }: Options): LeaseWish {
  const names = templates.map(({ name }) => name).join(', ')
  const chosen =
    template === undefined && templates.length === 1 ? templates[0] : templates.find(({ name }) => name === template)
  if (chosen === undefined) {
    const why = template === undefined ? 'the agent may use several' : `the agent may not use "${template}"`
    throw new CliError('usage', `${why}; name one with --template: ${names === '' ? 'it has none' : names}`)
  }
  const where = namespace ?? chosen.namespaces.find(each => each !== '*')
  if (where === undefined) throw new CliError('usage', `${chosen.name} is granted everywhere: name a --namespace`)
  return { template: chosen.name, namespace: where }
}

async function platformSide(
  terminal: Terminal,
  { kubeconfig, context, policy, alsoIn = [] }: Options,
  granted: readonly string[],
): Promise<ClusterSide | null> {
  if (kubeconfig === undefined) return null
  const file = policy ?? terminal.env['LEASEGATE_POLICY_FILE'] ?? ''
  if (file === '') throw new CliError('usage', 'with --kubeconfig, name the --policy that is in force')
  const cluster = await connectCluster({ file: kubeconfig, context: context ?? null })
  const namespaces = [...new Set([...granted.filter(name => name !== '*'), ...alsoIn])]
  return { cluster, policy: await readPolicy(file), namespaces }
}

async function boundary(terminal: Terminal): Promise<Endpoint> {
  const { boundaryUrl, boundaryCaFile } = settings(terminal, [...CLIENT_SETTINGS, 'boundaryUrl', 'boundaryCaFile'])
  const ca =
    boundaryCaFile === null ? null : await readCaFile(boundaryCaFile, "the boundary's CA (LEASEGATE_BOUNDARY_CA_FILE)")
  return { server: boundaryUrl.replace(/\/+$/, ''), ca }
}
