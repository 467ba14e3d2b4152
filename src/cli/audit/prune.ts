import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { Command } from 'commander'
import { MIGRATE_SETTINGS, type RecordConfig } from '../../config/roles.ts'
import { findPrunable, type Prunable, prune } from '../../record/audit/prune.ts'
import { openLedger } from '../../record/connect/record-config.ts'
import { parsePrivateKey } from '../../record/ledger/format/signed-note.ts'
import { ledgersIn } from '../../record/ledger/own-ledger.ts'
import { RecordError } from '../../record/record-sink.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { whoAmI } from '../command/who-am-i.ts'
import { shared } from '../record/delete.ts'
import { ledgerDirectory, readPublicKey, recordRows } from './ledger-side.ts'

interface Options {
  readonly key: readonly string[]
  readonly why?: string
  readonly by: string
  readonly yes?: true
}

const DAY_MS = 86_400_000

export function pruneCommand(terminal: Terminal): Command {
  const command = new Command('prune')
    .description('take from the ledgers the days that nothing is kept of any more; also while taps write')
    .option(
      '--key <file...>',
      'public keys in PEM of before, where the key of the settings has not signed all of it',
      [],
    )
    .option('--why <text>', 'why, for the ledger, which keeps it')
    .option('--by <name>', 'who does it, for the ledger', whoAmI())
    .option('--yes', 'do it; without it is only said what would go')
  return telling(command, terminal, async ({ key, why, by, yes }: Options) => {
    const config = settings(terminal, MIGRATE_SETTINGS)
    const directory = await ledgerDirectory(terminal, undefined)
    const keys = [await ownKey(config), ...(await Promise.all(key.map(readPublicKey)))]
    const keep = { requests: config.retentionRequests * DAY_MS, events: config.retentionEvents * DAY_MS }
    const given = { directory, keys, keep, source: recordRows(terminal), now: Date.now() }
    const found: Prunable[] = []
    for (const name of await ledgersIn(directory)) found.push(await findPrunable(given, name))
    const text = found.map(toText).join('')
    const going = found.filter(({ days }) => days.length > 0)
    const told = (taken: boolean) => ({ ledgers: found.map(toValue), taken })
    if (going.length === 0) return { value: told(false), text }
    const problem = refusal(yes === true, why)
    if (problem !== null) return { value: told(false), text, failure: problem }
    await takeAway(config, going, { by, why: why ?? '' })
    return { value: told(true), text: `${text}taken away\n` }
  })
}

function refusal(isSure: boolean, why: string | undefined): CliError | null {
  if (!isSure) return new CliError('refused', 'nothing was taken away; to do it, say --yes and --why')
  return why ? null : new CliError('usage', 'the ledger wants to know --why')
}

function toValue({ ledger, days, bytes, stays }: Prunable) {
  return { ledger, days, bytes, stays }
}

async function takeAway(
  config: RecordConfig,
  going: readonly Prunable[],
  said: { readonly by: string; readonly why: string },
): Promise<void> {
  const own = await openLedger(config, `eraser ${hostname()}`).catch(error => {
    throw error instanceof RecordError ? new CliError('usage', error.message, error) : error
  })
  if (own === null) throw new CliError('usage', 'there is no ledger')
  try {
    // Its own oldest days stay this time, where what is said now would go with them.
    for (const one of going.filter(({ ledger, first }) => first !== null || ledger !== own.ledger.name)) {
      await prune(one, own.ledger, said)
    }
    await own.ledger.checkpoint()
  } finally {
    await own.ledger.close()
  }
  await shared(config, own.ledger)
}

async function ownKey({ ledgerKeyFile: file }: RecordConfig): Promise<KeyObject> {
  if (file === null) throw new CliError('usage', 'what is taken away is entered and signed (LEASEGATE_LEDGER_KEY_FILE)')
  const pem = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError('usage', `cannot read ${file}: ${error.code ?? 'unknown error'}`, error)
  })
  const parsed = parsePrivateKey(pem)
  if (parsed.kind === 'problem') throw new CliError('usage', `${file} ${parsed.message}`)
  return createPublicKey(parsed.value)
}

function toText({ ledger, days, first, bytes, stays }: Prunable): string {
  const mib = (bytes / (1 << 20)).toFixed(1)
  const goes = days.length === 0 ? 'nothing goes' : `${days[0]} to ${days.at(-1)} go (${days.length} days, ${mib} MiB)`
  return `${ledger}: ${goes}; ${first === null && days.length > 0 ? 'that is all of it' : stays}\n`
}
