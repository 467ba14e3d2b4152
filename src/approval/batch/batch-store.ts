import type { Budgets, Lease } from '../../lease/lease.ts'
import type { Parts } from '../../lease/questions/again.ts'

/** One request of a batch, as it is put into the store. */
export interface MemberAsked {
  readonly id: string
  readonly digest: string
  readonly subject: string
  readonly about: string
  readonly parts: Parts
  /** JSON of the question. */
  readonly question: string
}

export interface BatchAsked {
  readonly id: string
  readonly lease: Pick<Lease, 'id' | 'ancestors' | 'agent'>
  /** Budgets of the lease, then of each above it. */
  readonly limits: readonly Budgets[]
  readonly digest: string
  /** JSON of the question about all of them. */
  readonly question: string
  readonly members: readonly MemberAsked[]
  readonly now: number
  readonly askMs: number
  readonly useMs: number
  /** For the journal. */
  readonly event: string
}

export type AskedBatch =
  | { readonly kind: 'asked' }
  /** The very same was asked before, and its answer or its time is still to come. */
  | { readonly kind: 'open'; readonly approval: string }
  /** One of them was asked about meanwhile. */
  | { readonly kind: 'moved' }
  /** A no binds some of them, by the ids of the requests: to the same, or to others about the same object and verb that were asked one after the other. */
  | { readonly kind: 'refused'; readonly members: ReadonlyMap<string, string> }
  | { readonly kind: 'ended' }
  | { readonly kind: 'too-many-questions'; readonly limit: 'lease' | 'agent' | 'minute' | 'batches' | 'budget' }

/** What the store knows of a request that is about to be asked about. */
export interface Standing {
  /** The approval that it waits for, or has a yes of. */
  readonly asked: string | null
  /** The approval by which somebody said no to it. */
  readonly refused: string | null
}

/** What the broker needs to ask about several requests at once. */
export interface BatchStore {
  standing(
    lease: Pick<Lease, 'id' | 'agent' | 'ancestors'>,
    of: Pick<MemberAsked, 'digest' | 'subject'>,
    now: number,
  ): Promise<Standing>
  ask(batch: BatchAsked): Promise<AskedBatch>
}
