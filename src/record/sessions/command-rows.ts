import { cutAndMask, KEPT } from '../journal/cut.ts'
import { shellPieces, unquote } from '../mask/commands/shell-words.ts'
import { hiddenIn } from '../mask/hidden.ts'
import { maskCommand } from '../mask/mask.ts'
import type { Row } from '../record-sink.ts'
import type { SessionFacts } from './session-rows.ts'

/** A command as it stood at a prompt. */
interface Typed {
  /** Milliseconds from the beginning of the session. */
  readonly atMs: number
  readonly command: string
  readonly known: string
  readonly exitCode: number | null
}

const MOST_PROGRAMS = 16
const LONGEST_PROGRAM = 64

/** Masked as the commands of exec are. What looks like no credential stays, which is why nobody gets this who may not watch the session. */
export function toCommandRow(
  { auditId, lease, startedAt }: Pick<SessionFacts, 'auditId' | 'lease' | 'startedAt'>,
  { atMs, command, known, exitCode }: Typed,
): Row {
  const masked = cutAndMask(command, KEPT.command, maskLine)
  return {
    table: 'session_commands',
    values: {
      audit_id: auditId,
      lease,
      started_at: new Date(startedAt).toISOString().replace('T', ' ').replace('Z', ''),
      at_ms: Math.max(0, Math.trunc(atMs)),
      command: masked.toWellFormed(),
      programs: known === 'not looked at' ? [] : programsOf(masked),
      known,
      exit_code: exitCode,
      masked: command.length > KEPT.command ? 0 : hiddenIn(command, masked),
    },
  }
}

function maskLine(line: string): string {
  return maskCommand(['sh', '-c', line])[2] ?? ''
}

/** Run what stands behind them. */
const RUNNERS: ReadonlySet<string> = new Set([
  'sudo',
  'env',
  'exec',
  'nohup',
  'time',
  'command',
  'builtin',
  'then',
  'do',
  'else',
  '{',
  '(',
  '!',
])

/** The first word of each command in a line, without its folder: as far as it is one that can be read. */
function programsOf(line: string): readonly string[] {
  const programs = new Set<string>()
  let isFirst = true
  for (const { kind, text } of shellPieces(line, true)) {
    if (kind === 'end') isFirst = true
    if (kind !== 'word' || !isFirst) continue
    const word = unquote(text).bare
    if (word === '' || RUNNERS.has(word) || /^\w+=/.test(word)) continue
    isFirst = false
    programs.add(
      word
        .slice(word.lastIndexOf('/') + 1)
        .slice(0, LONGEST_PROGRAM)
        .toWellFormed(),
    )
    if (programs.size === MOST_PROGRAMS) break
  }
  return [...programs]
}
