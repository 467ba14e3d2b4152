import type { Row } from '../../record/record-sink.ts'

export interface KeptBatch {
  readonly id: string
  readonly rows: readonly Row[]
}

/** Where rows are, beside this process's memory, until the record has them. */
export interface KeptRows {
  /** What a process before this one left, oldest first. */
  left(): readonly KeptBatch[]
  /** Never throws: what finds no room is in memory alone. */
  keep(batch: string, row: Row): void
  /** Whether each row of the batch is there. */
  has(batch: string): boolean
  /** The record has the batch, or never will. */
  forget(batch: string): void
}

export const IN_MEMORY_ALONE: KeptRows = {
  left: () => [],
  keep: () => undefined,
  has: () => false,
  forget: () => undefined,
}
