import type { Environment } from '../../config/read-config.ts'

/** Where a command reads and writes. */
export interface Terminal {
  readonly env: Environment
  /** `isTTY` where somebody sits at it. */
  readonly stdin: AsyncIterable<Buffer | string> & { readonly isTTY?: boolean }
  /** To standard output, which may be read by a program: results alone. */
  readonly print: (text: string) => void
  /** To standard error. */
  readonly note: (text: string) => void
  /** Aborted when the process is asked to stop. */
  readonly stopping: () => AbortSignal
}
