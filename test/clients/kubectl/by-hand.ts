import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the last runs of each kubectl saw to be the same through the boundary as directly; `npm run clients` writes it. */
const FILE = join(import.meta.dirname, 'by-hand.json')

export interface ByHand {
  readonly version: string
  readonly same: readonly string[]
}

export function readByHand(): readonly ByHand[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as readonly ByHand[]
}

/** Rows of those that this run did not try stay as they were. */
export function writeByHand(seen: readonly ByHand[]): void {
  const others = readByHand().filter(row => !seen.some(({ version }) => version === row.version))
  const rows = [...others, ...seen].toSorted((a, b) => b.version.localeCompare(a.version))
  writeFileSync(FILE, `${JSON.stringify(rows, null, 2)}\n`)
}

/** As it is typed. */
export function toLine(args: readonly string[]): string {
  return args.map(arg => (/[*|{ ]/.test(arg) ? `'${arg}'` : arg)).join(' ')
}
