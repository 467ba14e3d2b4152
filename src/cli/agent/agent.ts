import { Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { holdCommand } from './hold.ts'
import { holdsCommand } from './holds.ts'
import { releaseCommand } from './release.ts'

export function agentCommand(terminal: Terminal): Command {
  return new Command('agent')
    .addCommand(holdCommand(terminal))
    .addCommand(releaseCommand(terminal))
    .addCommand(holdsCommand(terminal))
}
