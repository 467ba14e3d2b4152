import { join } from 'node:path'
import { Command } from 'commander'
import { AUDIT_SETTINGS, type LedgerS3Config } from '../../config/roles.ts'
import { findingsOf } from '../../findings/report.ts'
import { exportedRows, readExportFacts } from '../../record/audit/export-record.ts'
import { toReport } from '../../record/audit/to-report.ts'
import { type Verifying, verifyRecord } from '../../record/audit/verify-record.ts'
import type { CopyReader } from '../../record/copies/copy.ts'
import { folderCopies } from '../../record/copies/folder-copies.ts'
import { s3Reader } from '../../record/copies/s3-copies.ts'
import { s3Place } from '../../record/copies/s3-place.ts'
import { RecordError } from '../../record/record-sink.ts'
import { readWitnessPolicy, type WitnessPolicy } from '../../record/witness/witness-policy.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { type ReportFormat, render, reportOption } from '../proof/report-output.ts'
import { ledgerDirectory, readPublicKey, recordRows } from './ledger-side.ts'

interface Options {
  readonly key: readonly string[]
  readonly ledgers?: string
  readonly export?: string
  readonly checkpoints?: string
  readonly witnesses?: string
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
    .option(
      '--checkpoints <folder>',
      'what was fetched from the second place, to compare with (default: LEASEGATE_LEDGER_S3_URL, where it is set and there is no --export)',
    )
    .option(
      '--witnesses <file>',
      'who has to have seen the checkpoints, as c2sp.org/tlog-policy has it (default: LEASEGATE_LEDGER_WITNESSES_FILE, where there is no --export)',
    )
    .addOption(reportOption())
    .action(async (options: Options) => {
      const keys = await Promise.all(options.key.map(readPublicKey))
      const config = settings(terminal, AUDIT_SETTINGS)
      const { retentionRequests, retentionEvents } = config
      const copies = secondPlace(config, options)
      const witnesses = await policyOf(
        options.witnesses ?? (options.export === undefined ? config.ledgerWitnessesFile : null),
      )
      const keep = { requests: retentionRequests * DAY_MS, events: retentionEvents * DAY_MS }
      const verified = await verifyRecord({
        keys,
        keep,
        ...(copies && { copies }),
        ...(witnesses && { witnesses }),
        ...(await whatToVerify(terminal, options)),
      })
      const report = toReport(verified)
      terminal.print(render(report, options.output))
      const found = findingsOf(report).length
      if (found > 0) throw new CliError('refused', found === 1 ? 'there is 1 finding' : `there are ${found} findings`)
    })
}

async function policyOf(file: string | null): Promise<WitnessPolicy | null> {
  return file === null
    ? null
    : readWitnessPolicy(file).catch((error: Error) => {
        throw new CliError('usage', error.message, error)
      })
}

/** Null where there is none to compare with. */
function secondPlace(config: LedgerS3Config, { checkpoints, export: folder }: Options): CopyReader | null {
  if (checkpoints !== undefined) return folderCopies(checkpoints)
  if (folder !== undefined) return null
  try {
    const place = s3Place(config)
    return place === null ? null : s3Reader(place)
  } catch (error) {
    throw error instanceof RecordError ? new CliError('usage', error.message, error) : error
  }
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
