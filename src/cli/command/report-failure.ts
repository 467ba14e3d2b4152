import { toFailure } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

/** What a terminal obeys, or shows as nothing: some messages say what a server said, or a file. Their lines stay. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Says what a command could not do; the exit code. */
export function reportFailure(error: unknown, { note }: Pick<Terminal, 'note'>): number {
  const { exitCode, message } = toFailure(error)
  if (message !== '') note(`leasegate: ${message.replace(UNPRINTABLE, '\ufffd')}\n`)
  return exitCode
}
