/** What an API server said. Everything in it is others' text. */
export type Looked =
  | { readonly kind: 'found'; readonly value: unknown }
  | { readonly kind: 'absent' }
  /** It does not let us, or not now. `why` is its message, at most some hundred characters. */
  | { readonly kind: 'refused'; readonly status: number; readonly why: string }

/** How much of objects is asked for: all, their metadata, or what kubectl prints of them in a table. */
export type Form = 'object' | 'metadata' | 'table'

/** Who would send the request. */
export interface Actor {
  readonly agent: string
  readonly template: string
  readonly lease: string
  readonly sponsor: string
  /** What admission policies are told of its terms, as if somebody had said yes: a plan says what would come of one. */
  readonly granted: string
}

export interface DryRun {
  readonly method: string
  /** Path and query, with dryRun in it. */
  readonly target: string
  readonly contentType: string
  readonly body: Uint8Array
}

/** What is asked of a cluster to make plans. Each call has its own short deadline, and rejects when nobody answers. */
export interface ClusterView {
  /** As the account of the one who looks, which may read some kinds and change nothing. */
  get(target: string, form?: Form): Promise<Looked>
  /** In the name of an agent, which a policy in the cluster holds to dry runs: with the rights of its template and no others. */
  getAs(actor: Actor, target: string, form?: Form): Promise<Looked>
  dryRunAs(actor: Actor, request: DryRun): Promise<Looked>
}
