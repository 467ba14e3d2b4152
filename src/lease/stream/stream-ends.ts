/** A person ends one stream, whatever becomes of its lease. */
export interface StreamEnd {
  /** Of the request that began it. */
  readonly auditId: string
  /** For the journal, JSON. */
  readonly event: string
}

/** What the broker needs. */
export interface StreamEnds {
  /** Resolves when it is durable. Whether there is such a stream is not known here. */
  end(end: StreamEnd): Promise<void>
  /** Whether an authorizer had it, and cut it. */
  wasCut(auditId: string): Promise<boolean>
}

/** What an authorizer needs: it looks again and again for what was ended. */
export interface EndedStreams {
  /** Streams that people ended lately, as these partitions have it. */
  ended(partitions: readonly string[]): Promise<ReadonlySet<string>>
  /** Tells whoever ended it. */
  cut(stream: { readonly auditId: string; readonly lease: string }): Promise<void>
}
