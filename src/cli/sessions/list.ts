import { Command } from 'commander'
import { formatResult, type ResultFormat } from '../../record/queries/format-result.ts'
import type { Terminal } from '../command/terminal.ts'
import { formatOption } from '../record/query/format-option.ts'
import { askSessions, type Wanted } from './ask-sessions.ts'

interface Options extends Wanted {
  readonly output: ResultFormat
}

const LONGEST = 60

export function listCommand(terminal: Terminal): Command {
  return new Command('list')
    .description('list sessions, the newest first; AUDIT_ID names one for the other commands')
    .option('--since <time>', 'how far back', '7d')
    .option('--agent <name>', 'only of this agent')
    .option('--lease <id>', 'only under this lease')
    .option('--running', 'only those that are not over: leasegate sessions follow shows one as it goes on')
    .addOption(formatOption())
    .action(async ({ output, ...wanted }: Options) => {
      terminal.print(formatResult(await askSessions(terminal, wanted), output, LONGEST))
    })
}
