import { interpreterOf, isTold } from '../programs/interpreters.ts'
import type { Asked } from './entry.ts'

/** Run a shell where they are told no program, and any program where they are. */
const WRAPPERS = /^(?:busybox|toybox|nsenter|sudo|chroot)$/

/**
 * Whether what runs in the container is decided by more than the command that is judged: by what is typed into it, or by a shell or an
 * interpreter that is not told what to run.
 */
export function isInteractive({ request: { stream } }: Asked): boolean {
  if (stream === null) return false
  const [program = '', ...rest] = stream.command
  return stream.stdin || isNotTold(program.slice(program.lastIndexOf('/') + 1), rest)
}

/** A filter is told by its first argument, if not by an option. */
function isNotTold(name: string, rest: readonly string[]): boolean {
  if (WRAPPERS.test(name)) return !rest.includes('-c')
  const interpreter = interpreterOf(name)
  if (interpreter === null || interpreter.kind === 'filter') return false
  return !isTold(interpreter, rest)
}
