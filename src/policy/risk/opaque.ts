import type { Asked } from './entry.ts'
import { takesItsCode } from './opaque-code.ts'

/** What turns a text that nobody reads into one that runs: a program, and how it is told to. */
const DECODERS: readonly (readonly [program: RegExp, ...told: readonly RegExp[]])[] = [
  [/\bbase(?:32|64)\b/, /\s-\w*[dD]|--decode/],
  [/\bxxd\b/, /\s-\w*r/],
  [/\bopenssl\b/, /\s-d\b|\senc\b/],
  [/\bgzip\b/, /\s-\w*d/],
  [/\btar\b/, /\s-?\w*x/, /\s-(?:\s|$)/],
  [/\b(?:powershell|pwsh)\b/i, /\s-e(?:c|nc|ncodedcommand)?\s/i],
  // A shell at the other end of a connection.
  [/\bn(?:c|cat|etcat)\b/, /\s-\w*[ec]\b/],
  [/\bsocat\b/i, /\b(?:exec|system):/i],
]
const ANYWHERE = new RegExp(
  [
    /\b(?:atob|b64decode|fromhex|unhexlify|decode_base64|eval|gunzip|zcat|bunzip2|unxz|fromCharCode)\b/,
    /\bdecode\(\s*["']base64/,
    /\\x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2}){7}/,
    // Letters of a word in escapes: `$'\x72m'`.
    /\$'[^'\s]{0,64}\\(?:x[0-9a-fA-F]|[0-7]{2}|u[0-9a-fA-F])/,
    /\bchr\(\d{1,3}\)\s?[+.]\s?chr\(/,
    /\/dev\/(?:tcp|udp)\//,
  ]
    .map(({ source }) => source)
    .join('|'),
)

/** So long, and nothing that words are made of: a path has slashes soon, a hash is shorter. */
const BLOB = /[A-Za-z0-9+/_=-]{100,}/g

/**
 * Whether part of this command or text is written so that who reads it does not know what runs. Command by command: a pattern that looks
 * ahead from each of many places would take a long text for long.
 */
export function isOpaque(text: string): boolean {
  if (ANYWHERE.test(text) || takesItsCode(text)) return true
  const commands = text.split(/[|;&]/)
  if (commands.some(command => DECODERS.some(patterns => patterns.every(pattern => pattern.test(command))))) return true
  return [...text.matchAll(BLOB)].some(([blob]) => /[A-Z]/.test(blob) && /[a-z]/.test(blob) && /\d/.test(blob))
}

/** An exec of which the command does not say what it does. */
export function runsOpaque({ request: { stream } }: Asked): boolean {
  return stream !== null && isOpaque(stream.command.join(' '))
}
