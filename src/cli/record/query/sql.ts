import { Command } from 'commander'
import type { ResultFormat } from '../../../record/queries/format-result.ts'
import type { Terminal } from '../../command/terminal.ts'
import { formatOption } from './format-option.ts'
import { runQuery } from './query-runner.ts'

export function sqlCommand(terminal: Terminal): Command {
  return new Command('sql')
    .argument('<query>', "such as: 'SELECT * FROM requests ORDER BY decided_at DESC LIMIT 10'")
    .addOption(formatOption())
    .action(async (sql: string, { output }: { readonly output: ResultFormat }) =>
      runQuery(terminal, { kind: 'sql', sql }, output),
    )
}
