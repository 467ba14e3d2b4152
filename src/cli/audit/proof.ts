import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { checkProof, findEntries, toProof } from '../../record/audit/proof.ts'
import { rowOf } from '../../record/audit/rows.ts'
import { halfOf, parseLine } from '../../record/ledger/format/entry.ts'
import { ledgersIn } from '../../record/ledger/own-ledger.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { ledgerDirectory, readPublicKey, recordRows } from './ledger-side.ts'

interface Options {
  readonly key: string
  readonly ledgers?: string
  readonly kind: string
}

export function proofCommand(terminal: Terminal): Command {
  return new Command('proof')
    .description('print the proof that one row is as it was entered, with the row in it')
    .argument('<id>', 'audit id of a request, or the id of an event as `audit verify` names it')
    .option('--kind <kind>', 'which half or event: decision, outcome, lease, approval …', 'decision')
    .requiredOption('--key <file>', 'public key in PEM that the ledger was signed with')
    .option('--ledgers <folder>', 'the ledgers (default: LEASEGATE_LEDGER_DIRECTORY)')
    .action(async (id: string, options: Options) => {
      const key = await readPublicKey(options.key)
      const directory = await ledgerDirectory(terminal, options.ledgers)
      const found = await findEntries(directory, await ledgersIn(directory), id)
      const entry = found.find(({ line }) => parseLine(line)?.kind === options.kind)
      const half = entry === undefined ? null : halfOf(parseLine(entry.line) ?? NONE)
      if (entry === undefined || half === null) throw new CliError('refused', `no ledger has a ${options.kind} ${id}`)
      const row = await rowOf(recordRows(terminal), half)
      if (row === null) throw new CliError('refused', 'the record has no such row any more, or another one')
      const proof = await toProof(entry, row, key)
      if (proof.kind === 'problem') throw new CliError('refused', proof.message)
      terminal.print(proof.value)
    })
}

export function checkProofCommand(terminal: Terminal): Command {
  return new Command('check-proof')
    .description('check a proof by itself, and print the row')
    .argument('<file>', 'what `audit proof` printed')
    .requiredOption('--key <file>', 'public key in PEM that the ledger was signed with')
    .action(async (file: string, { key }: { readonly key: string }) => {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new CliError('usage', `cannot read ${file}: ${error.code ?? 'unknown error'}`, error)
      })
      const checked = checkProof(text, await readPublicKey(key))
      if (checked.kind === 'problem') throw new CliError('refused', checked.message)
      const { ledger, index, row } = checked.value
      terminal.print(`${row}\n`)
      terminal.note(`entry ${index} of ledger ${ledger}, as it was signed\n`)
    })
}

const NONE = { kind: 'began', at: 0, id: '', hash: '' } as const
