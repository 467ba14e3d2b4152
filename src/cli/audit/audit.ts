import { Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { exportCommand } from './export.ts'
import { checkProofCommand, proofCommand } from './proof.ts'
import { pruneCommand } from './prune.ts'
import { verifyCommand } from './verify.ts'

export function auditCommand(terminal: Terminal): Command {
  return new Command('audit')
    .addCommand(verifyCommand(terminal))
    .addCommand(exportCommand(terminal))
    .addCommand(proofCommand(terminal))
    .addCommand(checkProofCommand(terminal))
    .addCommand(pruneCommand(terminal))
}
