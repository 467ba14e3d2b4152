import { CONSOLE_PREFIX, partitionPrefixes, REFUSALS_PREFIX, STORE_PREFIX } from './keys.ts'

/** What is in one slot of a cluster: all keys that begin alike. Each share has connections of its own, to the node that has the slot. */
export interface Share {
  readonly prefix: string
  /** For people: `lg:00`. */
  readonly name: string
  /** Prefixes of the partitions in it, which are looked at after each connect. */
  readonly lookedAt: readonly string[]
  /** Whether the number of partitions is kept here. */
  readonly isCounted: boolean
  /** Whether anything here is ever waited for to be on disk. */
  readonly isDurable: boolean
  /**
   * One more key of every script, where nothing ever is. A node that is giving the slot away key by key runs no command of which a key is
   * missing there, so it runs none of our scripts: they read keys that they do not declare, and some would be gone already.
   */
  readonly guard: string
}

/** Of a store with so many partitions. */
export function sharesOf(partitions: number): readonly Share[] {
  const share = (prefix: string, more: Partial<Share>): Share => ({
    prefix,
    name: prefix.slice(1, -2),
    lookedAt: [],
    isCounted: false,
    isDurable: false,
    guard: `${prefix}moving`,
    ...more,
  })
  return [
    share(STORE_PREFIX, { isCounted: true }),
    ...partitionPrefixes(partitions).map(prefix => share(prefix, { lookedAt: [prefix], isDurable: true })),
    share(REFUSALS_PREFIX, {}),
    share(CONSOLE_PREFIX, {}),
  ]
}

const PREFIX = /^\{[^}]*\}:/

/** Of a key or of a prefix; null for what is neither. */
export function prefixOf(key: unknown): string | null {
  return typeof key === 'string' ? (PREFIX.exec(key)?.[0] ?? null) : null
}
