import type { Asked } from './entry.ts'

/** What turns a text that nobody reads into one that runs: a program, and how it is told to. */
const DECODERS: readonly (readonly [program: RegExp, ...told: readonly RegExp[]])[] = [
  [/\bbase(?:32|64)\b/, /\s-\w*[dD]|--decode/],
  [/\bxxd\b/, /\s-\w*r/],
  [/\bopenssl\b/, /\s-d\b|\senc\b/],
  [/\bgzip\b/, /\s-\w*d/],
  [/\btar\b/, /\s-?\w*x/, /\s-(?:\s|$)/],
]
const ANYWHERE =
  /\b(?:atob|b64decode|fromhex|unhexlify|decode_base64|eval|gunzip|zcat|bunzip2|unxz)\b|\bdecode\(\s*["']base64|\\x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2}){7}/
const RUNS_ITS_INPUT = /^(?:[a-z]*sh|python[\d.]*|perl|node)\b/

/** So long, and nothing that words are made of: a path has slashes soon, a hash is shorter. */
const BLOB = /[A-Za-z0-9+/_=-]{100,}/g

/**
 * Whether part of this command or text is written so that who reads it does not know what runs. Command by command: a pattern that looks
 * ahead from each of many places would take a long text for long.
 */
export function isOpaque(text: string): boolean {
  if (ANYWHERE.test(text)) return true
  const commands = text.split(/[|;&]/)
  if (commands.some(command => DECODERS.some(patterns => patterns.every(pattern => pattern.test(command))))) return true
  if (text.split('|').slice(1).some(runsItsInput)) return true
  return [...text.matchAll(BLOB)].some(([blob]) => /[A-Z]/.test(blob) && /[a-z]/.test(blob) && /\d/.test(blob))
}

/** What stands behind a pipe. */
function runsItsInput(command: string): boolean {
  const [program = ''] = command.trimStart().split(/\s/, 1)
  return RUNS_ITS_INPUT.test(program.slice(program.lastIndexOf('/') + 1))
}

/** An exec of which the command does not say what it does. */
export function runsOpaque({ request: { stream } }: Asked): boolean {
  return stream !== null && isOpaque(stream.command.join(' '))
}
