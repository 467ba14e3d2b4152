import { join } from 'node:path'
import { Command } from 'commander'
import { AUDIT_SETTINGS } from '../../config/roles.ts'
import { findingsOf } from '../../findings/report.ts'
import { exportedRows, readExportFacts } from '../../record/audit/export-record.ts'
import { toReport } from '../../record/audit/to-report.ts'
import { type Verifying, verifyRecord } from '../../record/audit/verify-record.ts'
import { CliError } from '../cli-error.ts'
import { type ReportFormat, render, reportOption } from '../proof/report-output.ts'
import { settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { ledgerDirectory, readPublicKey, recordRows } from './ledger-side.ts'

interface Options {
  readonly key: readonly string[]
  readonly ledgers?: string
  readonly export?: string
  readonly output: ReportFormat
}

const DAY_MS = 86_400_000

export function verifyCommand(terminal: Terminal): Command {
  return new Command('verify')
    .description(
      'compare the record with what was entered and signed as it was written: every row that was changed, deleted or added ' +
        'is named; exit code 1 on any finding',
    )
    .requiredOption('--key <file...>', 'public keys in PEM that the ledgers were signed with')
    .option('--ledgers <folder>', 'the ledgers (default: LEASEGATE_LEDGER_DIRECTORY)')
    .option('--export <folder>', 'an export instead of the record: nothing else is read')
    .addOption(reportOption())
    .action(async (options: Options) => {
      const keys = await Promise.all(options.key.map(readPublicKey))
      const { retentionRequests, retentionEvents } = settings(terminal, AUDIT_SETTINGS)
      const keep = { requests: retentionRequests * DAY_MS, events: retentionEvents * DAY_MS }
      const verified = await verifyRecord({ keys, keep, ...(await whatToVerify(terminal, options)) })
      const report = toReport(verified)
      terminal.print(render(report, options.output))
      const found = findingsOf(report).length
      if (found > 0) throw new CliError('refused', found === 1 ? 'there is 1 finding' : `there are ${found} findings`)
    })
}

type What = Pick<Verifying, 'directory' | 'source' | 'now' | 'settled'>

async function whatToVerify(terminal: Terminal, { ledgers, export: folder }: Options): Promise<What> {
  if (folder === undefined) {
    const directory = await ledgerDirectory(terminal, ledgers)
    return { directory, source: recordRows(terminal), now: Date.now() }
  }
  const facts = await readExportFacts(folder)
  if (facts.kind === 'problem') throw new CliError('usage', facts.message)
  const { at, settled } = facts.value
  return {
    directory: await ledgerDirectory(terminal, join(folder, 'ledgers')),
    source: exportedRows(folder),
    // An export from the future would make rows older than they are.
    now: Math.min(at, Date.now()),
    settled: new Map(Object.entries(settled)),
  }
}
