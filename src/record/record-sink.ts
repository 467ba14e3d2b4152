export type Table =
  | 'request_halves'
  | 'lease_events'
  | 'approval_events'
  | 'hold_events'
  | 'stop_events'
  | 'broker_refusals'
  | 'refusal_summaries'
  | 'session_keys'
  | 'session_chunks'
  | 'session_ends'
  | 'session_commands'

export interface Row {
  readonly table: Table
  readonly values: Readonly<Record<string, string | number | boolean | null | readonly string[] | Uint8Array>>
}

/** Where the record is kept. */
export interface RecordSink {
  /**
   * Resolves when every row is kept. Rejects with a RecordError otherwise: some rows may be kept then, and writing them
   * again changes nothing. Under the same name a batch is there once, also in what is counted out of inserts: the name
   * stands for exactly these rows of one table. Without one it is made of their content.
   */
  write(rows: readonly Row[], name?: string): Promise<void>
  /**
   * Works out beforehand what it can of rows that will be written, as this same list: so that it is done while others are. Nothing comes of
   * it but that `write` takes less, and it never throws.
   */
  prepare?(rows: readonly Row[]): void
}

/**
 * refused: at least one of these rows will never be taken. unavailable: it may go well later.
 * migration-changed: the database was made by other migrations than ours. engine-missing: no embedded engine here.
 * not-configured: no setting says where the record is.
 */
export type RecordErrorCode = 'refused' | 'unavailable' | 'migration-changed' | 'engine-missing' | 'not-configured'

export class RecordError extends Error {
  override readonly name = 'RecordError'
  readonly code: RecordErrorCode

  constructor(code: RecordErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
