import type { Replayed } from '../../../session/replay/replay.ts'
import { printable } from '../../../support/text/printable.ts'
import { timeText } from './time-text.ts'

/** The last line of a session that was shown. `otherwise`: what is known where the recording does not say how the command ended. */
export function endingText({ ending, leftOut, lastMs }: Replayed, otherwise: string): string {
  const end = ending === null ? otherwise : ended(ending.exitCode, ending.message)
  const out = leftOut === 0 ? '' : `; ${leftOut} sequences that could act on a terminal were left out`
  return `\nleasegate: ${timeText(lastMs)}: ${end}${out}\n`
}

function ended(exitCode: number | null, message: string): string {
  return exitCode === null ? `it ended with: ${printable(message)}` : `exit code ${exitCode}`
}
