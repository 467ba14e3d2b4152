import { Command } from 'commander'
import type { Finding } from '../../findings/report.ts'
import { ClusterError } from '../../kubernetes/cluster-error.ts'
import { checkPolicy, describeWarning } from '../../policy/check.ts'
import type { Policy } from '../../policy/policy.ts'
import type { RbacOptions } from '../../policy/rbac/rbac.ts'
import { shellQuote } from '../../proof/shell-quote.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { accountOfPolicy, boundaryAccount, modeOption } from './rbac.ts'
import { readSoundPolicy } from './read-policy.ts'

interface Options {
  readonly kubeconfig?: string
  readonly context?: string
  readonly mode: RbacOptions['mode']
  readonly account?: RbacOptions['boundary']
  readonly admission: boolean
}

export function checkCommand(terminal: Terminal): Command {
  const command = new Command('check')
    .description(
      'say everything that is wrong with a policy file and the files it names, and what is most likely not meant',
    )
    .argument('<file>', 'the policy file')
    .option(
      '--kubeconfig <file>',
      'look whether the cluster has what policy rbac prints: without it no lease works there',
    )
    .option('--context <name>', "its context (default: the file's current one)")
    .addOption(modeOption())
    .addOption(accountOfPolicy())
    .option('--no-admission', 'where admission policies are left out on purpose, or the cluster is older than 1.30')
  return telling(command, terminal, async (file: string, options: Options) => {
    const policy = await readSoundPolicy(file)
    const warnings = checkPolicy(policy)
    for (const warning of warnings) terminal.note(`${file}: warning: ${describeWarning(warning)}\n`)
    const { kubeconfig } = options
    const missing = kubeconfig === undefined ? null : await missingIn(kubeconfig, policy, options)
    for (const { what, why } of missing ?? []) terminal.note(`${file}: not in the cluster: ${what}. ${why}\n`)
    const value = { file, ...countsOf(policy), warnings, missing }
    if (missing !== null && missing.length > 0)
      return { value, text: '', failure: notApplied(file, missing.length, options) }
    const isGood = `${file} is good${missing === null ? '' : ' and applied'}: ${summary(policy)}`
    return { value, text: `${isGood}, ${count(warnings.length, 'warning')}\n` }
  })
}

function countsOf({ agents, people, templates }: Policy) {
  return { agents: agents.length, people: people.length, templates: templates.length }
}

async function missingIn(file: string, policy: Policy, options: Options): Promise<readonly Finding[]> {
  const [{ connectCluster }, proof] = await Promise.all([
    import('../../kubernetes/connect/connect-cluster.ts'),
    import('../../proof/doctor/cluster/not-applied.ts'),
  ])
  const { context = null, mode, account, admission } = options
  try {
    const cluster = await connectCluster({ file, context })
    return await proof.notApplied(cluster, policy, { mode, boundary: boundaryAccount(policy, account), admission })
  } catch (error) {
    throw error instanceof ClusterError ? new CliError('unavailable', error.message, error) : error
  }
}

/** With all that this command was told, so that what is applied is what was looked for. */
function notApplied(file: string, missing: number, options: Options): CliError {
  const { kubeconfig = '', context, mode, account, admission } = options
  const more = `${account === undefined ? '' : ` --account ${shellQuote(nameOf(account))}`}${admission ? '' : ' --no-admission'}`
  const where = `--kubeconfig ${shellQuote(kubeconfig)}${context === undefined ? '' : ` --context ${shellQuote(context)}`}`
  return new CliError(
    'refused',
    `the cluster lacks ${missing} of what this file wants; apply it: leasegate policy rbac ${shellQuote(file)} ` +
      `--mode ${mode}${more} | kubectl ${where} apply --server-side --force-conflicts -f -`,
  )
}

function nameOf(account: RbacOptions['boundary']): string {
  return account.kind === 'user' ? `user:${account.name}` : `${account.namespace}/${account.name}`
}

function summary({ agents, people, templates }: Policy): string {
  return [count(agents.length, 'agent'), count(people.length, 'person'), count(templates.length, 'template')].join(', ')
}

function count(number: number, what: 'agent' | 'person' | 'template' | 'warning'): string {
  if (number === 1) return `1 ${what}`
  return `${number} ${what === 'person' ? 'people' : `${what}s`}`
}
