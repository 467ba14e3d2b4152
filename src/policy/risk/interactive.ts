import type { Asked } from './entry.ts'

/** Options by which a program is given what to run as an argument; without one it reads that from its input or a file. */
const SCRIPTS: readonly (readonly [programs: RegExp, script: RegExp])[] = [
  [/^(?:a|ba|da|fi|k|z|c|tc|mk)?sh$/, /^-[a-z]*c$/],
  [/^(?:python[\d.]*|pypy\d?)$/, /^-[A-Za-z]*c$/],
  [/^(?:perl[\d.]*|ruby[\d.]*|lua[\d.]*|node|deno|bun)$/, /^-[a-z]*[eE]$|^--eval$/],
  [/^(?:php[\d.]*)$/, /^-r$/],
  [/^(?:psql|mysql|mariadb|sqlite3|mongosh?|redis-cli|irb|gdb|expect|tclsh|busybox|nsenter|su|sudo|chroot)$/, /^-c$/],
]

/**
 * Whether what runs in the container is decided by more than the command that is judged: by what is typed into it, or by a shell or an
 * interpreter that is not told what to run.
 */
export function isInteractive({ request: { stream } }: Asked): boolean {
  if (stream === null) return false
  const [program = '', ...rest] = stream.command
  const name = program.slice(program.lastIndexOf('/') + 1)
  const script = SCRIPTS.find(([programs]) => programs.test(name))?.[1]
  return stream.stdin || (script !== undefined && !rest.some(argument => script.test(argument)))
}
