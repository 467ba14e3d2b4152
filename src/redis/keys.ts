/** How many parts the leases are divided into; each can be on another node of a cluster. Fixed once leases exist: the store says so. */
export const PARTITIONS = 4

/** Kept after a lease has ended or an approval was answered, so that it can still be shown. */
export const KEEP_MS = 24 * 3_600_000
/** The same for a lease under which nothing ran, and for a question that nobody answered: agents make those at will. */
export const KEEP_UNUSED_MS = 5 * 60_000
export const KEEP_ASKED_MS = 3_600_000
/** A revocation is remembered longer than the lease it ends could live, whatever the clocks say. */
export const KEEP_END_MS = 3_600_000

/** The end of all leases of a subject is remembered longer than the last of them is kept. */
export const KEEP_STOP_MS = KEEP_MS + KEEP_END_MS
/** Ends that followers can still read after having been away. */
export const ENDS_KEPT = 10_000

/** Part before every key of a partition; the braces keep them on one node. See lua/lease-state.lua for the keys. */
export function partitionPrefix(partition: string): string {
  return `{lg:${partition}}:`
}

/** Of all of them. */
export function partitionPrefixes(partitions: number): readonly string[] {
  return Array.from({ length: partitions }, (_, at) => partitionPrefix(at.toString(16).padStart(2, '0')))
}

/** What holds for the store as a whole. */
export const STORE_PREFIX = '{lg:store}:'

export const REFUSALS_PREFIX = '{lg:refusals}:'

/** Of people: who signed in with a browser, and which of them were told of a question. */
export const CONSOLE_PREFIX = '{lg:console}:'
