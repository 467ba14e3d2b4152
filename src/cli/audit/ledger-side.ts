import type { KeyObject } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { AUDIT_SETTINGS } from '../../config/roles.ts'
import { queryRows } from '../../record/audit/query-rows.ts'
import type { RowSource } from '../../record/audit/rows.ts'
import { parsePublicKey } from '../../record/ledger/format/signed-note.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { askRecord } from '../record/query/query-runner.ts'

/** The ledgers of the settings, or those that are named. */
export async function ledgerDirectory(terminal: Terminal, named: string | undefined): Promise<string> {
  const directory = named ?? settings(terminal, AUDIT_SETTINGS).ledgerDirectory
  if (directory === null) {
    throw new CliError(
      'usage',
      'there is no ledger: nothing shows whether rows were changed (LEASEGATE_LEDGER_DIRECTORY)',
    )
  }
  const found = await stat(directory).catch(() => null)
  if (found?.isDirectory() !== true) throw new CliError('usage', `${directory} is no folder that can be read`)
  return directory
}

/** Read as analysts read, but of the tables themselves. */
export function recordRows(terminal: Terminal): RowSource {
  return queryRows(request => askRecord(terminal, request))
}

export async function readPublicKey(file: string): Promise<KeyObject> {
  const pem = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError('usage', `cannot read ${file}: ${error.code ?? 'unknown error'}`, error)
  })
  const parsed = parsePublicKey(pem)
  if (parsed.kind === 'problem') throw new CliError('usage', `${file} ${parsed.message}`)
  return parsed.value
}
