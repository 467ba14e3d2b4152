import { Command } from 'commander'
import { exportRecord } from '../../record/audit/export-record.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { ledgerDirectory, recordRows } from './ledger-side.ts'

export function exportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description('write record and ledgers to a folder that can be verified elsewhere, with the public key alone')
    .argument('<folder>', 'a folder that is not there yet')
    .option('--ledgers <folder>', 'the ledgers (default: LEASEGATE_LEDGER_DIRECTORY)')
  return telling(command, terminal, async (folder: string, { ledgers }: { readonly ledgers?: string }) => {
    const directory = await ledgerDirectory(terminal, ledgers)
    const rows = await exportRecord(directory, recordRows(terminal), folder, Date.now()).catch(toCliError)
    return { value: { folder, rows }, text: `${rows} rows written to ${folder}\n` }
  })
}

function toCliError(error: unknown): never {
  const { code, path } = error as NodeJS.ErrnoException
  if (code === undefined || path === undefined) throw error
  throw new CliError('usage', `cannot write ${path}: ${code === 'EEXIST' ? 'it exists already' : code}`, error)
}
