import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Finding } from '../../../findings/report.ts'
import { COPIED, dayFile, daysOf, FILE_MODE, FOLDER_MODE } from '../../../record/ledger/ledger-files.ts'
import { ledgersIn } from '../../../record/ledger/own-ledger.ts'
import { greatest } from '../../../support/extremes.ts'
import type { Examination } from '../examined.ts'

/** A tap signs once a minute, also while nothing happens. */
const SIGNED_WITHIN_MS = 10 * 60_000
const WRITE_BY_OTHERS = 0o022
const ANYTHING_BY_OTHERS = 0o077

/** Ledgers: signed not long ago, and their owner's alone. What is in them `audit verify` judges. */
export async function examineLedgers(directory: string, now: number): Promise<Examination> {
  const names = await ledgersIn(directory)
  const signed = await Promise.all(names.map(name => signedAt(join(directory, name))))
  const newest = greatest(signed)
  const open = await openTo(directory, names)
  const uncopied = (await Promise.all(names.map(name => copiedLate(directory, name)))).flat()
  return {
    tried: ['when each was signed last, when that was put to the second place, and the modes of their files'],
    seen: names.map((name, n) => `${name}, signed ${timeOf(signed[n] ?? Number.NEGATIVE_INFINITY)}`),
    findings: [...(now - newest > SIGNED_WITHIN_MS ? [old(directory, newest)] : []), ...uncopied, ...open],
  }
}

/** When its last checkpoint was written; -Infinity where there is none. */
async function signedAt(folder: string): Promise<number> {
  const day = (await daysOf(folder, 'checkpoints')).at(-1)
  return day === undefined ? Number.NEGATIVE_INFINITY : (await stat(dayFile(folder, day, 'checkpoints'))).mtimeMs
}

/** One that is put to a second place leaves behind how far it came. */
async function copiedLate(directory: string, name: string): Promise<readonly Finding[]> {
  const copied = await stat(join(directory, name, COPIED)).catch(() => null)
  if (copied === null) return []
  const late = (await signedAt(join(directory, name))) - copied.mtimeMs
  return late > SIGNED_WITHIN_MS ? [notCopied(join(directory, name), copied.mtimeMs)] : []
}

async function openTo(directory: string, names: readonly string[]): Promise<readonly Finding[]> {
  const folders = [directory, ...names.map(name => join(directory, name))]
  const files = await Promise.all(
    folders.slice(1).map(async folder => (await readdir(folder)).map(file => join(folder, file))),
  )
  const paths = [...folders, ...files.flat()]
  const modes = await Promise.all(paths.map(async path => ({ path, mode: (await stat(path)).mode })))
  const writable = modes.filter(({ mode }) => (mode & WRITE_BY_OTHERS) !== 0)
  const readable = modes.filter(({ mode }) => (mode & ANYTHING_BY_OTHERS) !== 0)
  if (writable.length > 0) return [written(directory, writable)]
  return readable.length > 0 ? [read(directory, readable)] : []
}

type Open = readonly { readonly path: string; readonly mode: number }[]

function old(directory: string, newest: number): Finding {
  return {
    severity: 'error',
    what: `no ledger in ${directory} was signed in the last ten minutes; the last time was ${timeOf(newest)}`,
    why: 'What was written since can be changed unseen: no tap runs, or none that writes here.',
    mend: 'See the log of the tap, and that LEASEGATE_LEDGER_DIRECTORY is the same for it.',
  }
}

function notCopied(folder: string, last: number): Finding {
  return {
    severity: 'error',
    what: `checkpoints of ${folder} were put to the second place for the last time ${timeOf(last)}`,
    why: 'What was signed since can be rewritten by whoever has the key and both places.',
    mend: `See the log of the tap, which puts what is missing when it can. Where there is no second place any more: rm ${join(folder, COPIED)}`,
  }
}

function written(directory: string, open: Open): Finding {
  return {
    severity: 'critical',
    what: `others than its owner may write to ${named(open)}`,
    why: 'Whoever can write to both, ledger and record, can change the last minutes of both unseen.',
    mend: closed(directory),
  }
}

function read(directory: string, open: Open): Finding {
  return {
    severity: 'warning',
    what: `others than its owner may read ${named(open)}`,
    why: 'Deletions say who asked for them, and why.',
    mend: closed(directory),
  }
}

function closed(directory: string): string {
  const octal = (mode: number) => mode.toString(8)
  return `find ${directory} -type d -exec chmod ${octal(FOLDER_MODE)} {} + -o -type f -exec chmod ${octal(FILE_MODE)} {} +`
}

function named([first, ...rest]: Open): string {
  return `${first?.path}${rest.length > 0 ? ` and ${rest.length} more` : ''}`
}

function timeOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'never'
}
