import { cut } from './cut.ts'
import type { JournalEntry } from './journal-entry.ts'

/** Whatever a client sends, this is the most that it takes of the store's memory for one request. */
export const MAX_ENTRY_BYTES = 8192

/** What others wrote, in whole or in part. Everything else is short, or ours. */
const OTHERS_WORDS: ReadonlySet<string> = new Set([
  ...[
    'sponsor',
    'task',
    'method',
    'path',
    'info',
    'command',
    'runs',
    'container',
    'ports',
    'detail',
    'propagationPolicy',
    'fieldManager',
  ],
  ...['userAgent', 'kubectlCommand', 'kubectlSession', 'reason', 'summary', 'by'],
])
const LONGEST = 2048
const SHORTEST = 16

/** The entry as it is kept. One that would take too much has its texts cut, and they say so. */
export function entryText(entry: JournalEntry): string {
  let text = JSON.stringify(entry)
  for (let limit = LONGEST; limit >= SHORTEST && isTooLarge(text); limit /= 2)
    text = JSON.stringify(shortened(entry, limit))
  return text
}

function isTooLarge(text: string): boolean {
  // A character takes three bytes at most.
  return text.length * 3 > MAX_ENTRY_BYTES && Buffer.byteLength(text) > MAX_ENTRY_BYTES
}

function shortened(entry: JournalEntry, limit: number): object {
  const members = Object.entries(entry).map(([name, value]) => [
    name,
    OTHERS_WORDS.has(name) ? cutAll(value, limit) : value,
  ])
  return Object.fromEntries(members)
}

function cutAll(value: unknown, limit: number): unknown {
  if (typeof value === 'string') return cut(value, limit)
  if (Array.isArray(value)) return cutItems(value, limit)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cutAll(each, limit)]))
}

function cutItems(items: readonly unknown[], limit: number): readonly unknown[] {
  const most = Math.max(4, limit / 16)
  const kept = items.slice(0, most).map(item => cutAll(item, limit))
  return items.length <= most ? kept : [...kept, `[cut, ${items.length - most} more arguments]`]
}
