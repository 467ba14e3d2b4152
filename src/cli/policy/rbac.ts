import { Command, InvalidArgumentError, Option } from 'commander'
import { toAdmission } from '../../policy/admission/admission.ts'
import type { Policy } from '../../policy/policy.ts'
import { type Account, type RbacOptions, toRbac, toYaml } from '../../policy/rbac/rbac.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { readPolicy } from './read-policy.ts'

const DEFAULT_ACCOUNT = { kind: 'serviceAccount', namespace: 'leasegate', name: 'leasegate-boundary' } as const

interface Options {
  readonly mode: RbacOptions['mode']
  readonly admission: boolean
  readonly account?: RbacOptions['boundary']
  readonly planner?: Account
}

export function rbacCommand(terminal: Terminal): Command {
  const command = new Command('rbac')
    .description(
      'print what the cluster must have: the admission policies that judge what leases write; ' +
        'rights for the boundary, to act as the agents; for each template, its own',
    )
    .argument('<file>', 'the policy file')
    .addOption(modeOption())
    .addOption(accountOfPolicy())
    .addOption(accountOfPlanner())
    .option('--no-admission', 'leave the admission policies out: for clusters older than Kubernetes 1.30')
  return telling(command, terminal, async (file: string, { mode, account, planner, admission }: Options) => {
    const policy = await readPolicy(file)
    const boundary = boundaryAccount(policy, account)
    // What judges is in force before there is a right to be judged.
    const judging = admission ? toAdmission(policy, boundary) : []
    const items = [...judging, ...toRbac(policy, { mode, boundary, ...(planner === undefined ? {} : { planner }) })]
    return { value: { apiVersion: 'v1', kind: 'List', items }, text: toYaml(items) }
  })
}

/** The account lives where the policy says that the boundary is: anywhere else agents could reach its token. */
export function boundaryAccount(
  policy: Policy | null,
  account: RbacOptions['boundary'] | undefined,
): RbacOptions['boundary'] {
  const boundaryNamespace = policy?.boundaryNamespace ?? ''
  const namespace = boundaryNamespace === '' ? DEFAULT_ACCOUNT.namespace : boundaryNamespace
  if (account === undefined) return { ...DEFAULT_ACCOUNT, namespace }
  if (account.kind === 'user' || boundaryNamespace === '' || account.namespace === boundaryNamespace) return account
  throw new CliError(
    'usage',
    `the account is in namespace "${account.namespace}", the policy's boundaryNamespace is "${boundaryNamespace}": make them the same`,
  )
}

export function modeOption(): Option {
  return new Option(
    '--mode <mode>',
    'constrained impersonation (Kubernetes 1.36 and later), or legacy with resource names',
  )
    .choices(['constrained', 'legacy'])
    .default('constrained')
}

export function accountOfPolicy(): Option {
  return new Option('--account <name>', "the boundary's own account: NAMESPACE/NAME of a service account, or user:NAME")
    .argParser(parseAccount)
    .default(undefined, "leasegate-boundary in the policy's boundaryNamespace")
}

/** Rights beside the boundary's, for another account: where both were one, who holds it could do more than try. */
export function accountOfPlanner(): Option {
  return new Option(
    '--planner <name>',
    'the account that the broker makes plans with: NAMESPACE/NAME of a service account, or user:NAME; without it there are no rights for plans',
  ).argParser(parseAccount)
}

function parseAccount(text: string): RbacOptions['boundary'] {
  const [, user] = /^user:(.+)$/.exec(text) ?? []
  if (user !== undefined) return { kind: 'user', name: user }
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? []
  if (namespace === undefined || name === undefined)
    throw new InvalidArgumentError('It is NAMESPACE/NAME or user:NAME.')
  return { kind: 'serviceAccount', namespace, name }
}
