import { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { checkCommand } from './check.ts'
import { rbacCommand } from './rbac.ts'

export function policyCommand(terminal: Terminal): Command {
  return new Command('policy')
    .description('check a policy file, print what it needs of the cluster')
    .addCommand(checkCommand(terminal))
    .addCommand(rbacCommand(terminal))
}
