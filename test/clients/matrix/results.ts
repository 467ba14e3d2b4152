import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CAPABILITIES, type Capability } from './capabilities.ts'
import type { Client } from './client.ts'
import { CLIENTS } from './clients.ts'

/** What the last run of all clients saw; `npm run clients` writes it. */
const RESULTS_FILE = join(import.meta.dirname, 'results.json')
/** With this a run writes what it saw; without it a run compares. */
export const WRITE_RESULTS = 'CLIENTS_WRITE_RESULTS'

/** `works`, `fails`, `differs: WHY` or `none: WHY`. */
export type Seen = string

export interface Result {
  readonly title: string
  readonly version: string
  readonly saw: Readonly<Partial<Record<Capability, Seen>>>
}

export function readResults(): readonly Result[] {
  return JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as readonly Result[]
}

export function isSame(one: Client | Result, other: Client | Result): boolean {
  return one.title === other.title && one.version === other.version
}

/** Rows of clients that this run did not try stay as they were. */
export function writeResults(seen: readonly Result[]): void {
  const known = [...seen, ...readResults()]
  const rows = CLIENTS.flatMap(client => known.find(row => isSame(row, client)) ?? [])
  writeFileSync(RESULTS_FILE, `${JSON.stringify(rows, null, 2)}\n`)
}

/** A client's row: what it has no means for is said, whatever a run saw. */
export function toResult(client: Client, works: ReadonlyMap<Capability, boolean>): Result {
  const saw = CAPABILITIES.map(capability => [capability, seen(client, capability, works)])
  return { title: client.title, version: client.version, saw: Object.fromEntries(saw) }
}

function seen({ without, differs }: Client, capability: Capability, works: ReadonlyMap<Capability, boolean>): Seen {
  if (without[capability] !== undefined) return `none: ${without[capability]}`
  if (works.get(capability) !== true) return 'fails'
  return differs[capability] === undefined ? 'works' : `differs: ${differs[capability]}`
}
