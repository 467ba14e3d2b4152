import { Command, InvalidArgumentError, Option } from 'commander'
import { toAdmission } from '../../policy/admission/admission.ts'
import { type RbacOptions, toRbac, toYaml } from '../../policy/rbac.ts'
import type { Terminal } from '../terminal.ts'
import { readPolicy } from './read-policy.ts'

interface Options {
  readonly mode: RbacOptions['mode']
  readonly account: RbacOptions['boundary']
  readonly admission: boolean
}

export function rbacCommand(terminal: Terminal): Command {
  return new Command('rbac')
    .description(
      'print what the cluster must have: the admission policies that judge what leases write; ' +
        'rights for the boundary, to act as the agents; for each template, its own',
    )
    .argument('<file>', 'the policy file')
    .addOption(modeOption())
    .addOption(accountOption())
    .option('--no-admission', 'leave the admission policies out: for clusters older than Kubernetes 1.30')
    .action(async (file: string, { mode, account, admission }: Options) => {
      const policy = await readPolicy(file)
      // What judges is in force before there is a right to be judged.
      const judging = admission ? toAdmission(policy, account) : []
      terminal.print(toYaml([...judging, ...toRbac(policy, { mode, boundary: account })]))
    })
}

export function modeOption(): Option {
  return new Option(
    '--mode <mode>',
    'constrained impersonation (Kubernetes 1.36 and later), or legacy with resource names',
  )
    .choices(['constrained', 'legacy'])
    .default('constrained')
}

export function accountOption(): Option {
  return new Option('--account <name>', "the boundary's own account: NAMESPACE/NAME of a service account, or user:NAME")
    .argParser(parseAccount)
    .default(
      { kind: 'serviceAccount', namespace: 'leasegate', name: 'leasegate-boundary' },
      'leasegate/leasegate-boundary',
    )
}

function parseAccount(text: string): RbacOptions['boundary'] {
  const [, user] = /^user:(.+)$/.exec(text) ?? []
  if (user !== undefined) return { kind: 'user', name: user }
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? []
  if (namespace === undefined || name === undefined)
    throw new InvalidArgumentError('It is NAMESPACE/NAME or user:NAME.')
  return { kind: 'serviceAccount', namespace, name }
}
