import type { Half } from '../../ledger/format/row-halves.ts'

/** An entry of a ledger that stands for a half of a row. */
export interface Located extends Half {
  readonly ledger: string
  readonly position: number
  /** False for what was on its way when a tap was killed. */
  readonly sure: boolean
}

/** What is not as it was written. */
export type Trouble =
  /** The record says something else than what was entered. */
  | { readonly kind: 'edited'; readonly entry: Located }
  /** Entered, and no longer there. */
  | { readonly kind: 'deleted'; readonly entry: Located }
  /** There, and entered nowhere. */
  | { readonly kind: 'inserted'; readonly half: Half }
  /** Entries that nobody signed, of a ledger that signs no more: they may be anybody's. */
  | { readonly kind: 'unsigned'; readonly ledger: string; readonly what: string }
  /** What the second place has was signed, and is not what the ledger has. */
  | { readonly kind: 'rewritten'; readonly ledger: string; readonly what: string }
  /** Not in the second place, or not to be read there. */
  | { readonly kind: 'uncopied'; readonly ledger: string; readonly what: string }
  /** The second place cannot be read. */
  | { readonly kind: 'unread'; readonly what: string }
  /** What a witness has signed is not what the ledger has. */
  | { readonly kind: 'split'; readonly ledger: string; readonly what: string }
  /** What no quorum of witnesses has signed. */
  | { readonly kind: 'unwitnessed'; readonly ledger: string; readonly what: string }
  /** The ledger itself. */
  | { readonly kind: 'ledger' | 'checkpoint' | 'deletion'; readonly ledger: string; readonly what: string }
