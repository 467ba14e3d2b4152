import { Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { checkCommand } from './check.ts'
import { rbacCommand } from './rbac.ts'
import { replayCommand } from './replay.ts'
import { risksCommand } from './risks.ts'

export function policyCommand(terminal: Terminal): Command {
  return new Command('policy')
    .addCommand(checkCommand(terminal))
    .addCommand(rbacCommand(terminal))
    .addCommand(risksCommand(terminal))
    .addCommand(replayCommand(terminal))
}
