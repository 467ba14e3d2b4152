import { NOT_VALID, NotRead, TWO_WAYS } from './text.ts'

/** Flags in YAML 1.1, and texts in 1.2; and a merge key. */
const ELSE_IN_1_1 = /^(?:y|yes|n|no|on|off|<<|=)$/i
const NULL = /^(?:~|null|Null|NULL)?$/
const FLAG = /^(?:true|True|TRUE|false|False|FALSE)$/
/** JSON's numbers without an exponent, which every reader takes for them, and the octal one of 1.1 that modes of files have. */
const NUMBER = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?$/
const OCTAL = /^0[0-7]{1,17}$/
/** What one reader or another takes for a number: signs, underscores, other bases, exponents, infinity. */
const ALMOST_NUMBER = /^[-+]?(?:0[xob][\da-f_]*|[\d_]*\.?[\d_]*(?:e[-+]?[\d_]*)?|\.inf|\.nan)$/i

/** No longer word is anything but a text. */
const LONGEST_WORD = 5

/** What a text without quotes says. */
export function resolve(plain: string): unknown {
  if (plain.length > LONGEST_WORD && !/^[-+.\d]/.test(plain)) return plain
  if (NULL.test(plain)) return null
  if (FLAG.test(plain)) return plain.toLowerCase() === 'true'
  if (ELSE_IN_1_1.test(plain)) throw new NotRead(TWO_WAYS)
  if (NUMBER.test(plain)) return Number(plain)
  if (OCTAL.test(plain)) return Number.parseInt(plain, 8)
  if (/\d/.test(plain) && ALMOST_NUMBER.test(plain)) throw new NotRead(TWO_WAYS)
  if (/^[-+]?\.(?:inf|nan)$/i.test(plain)) throw new NotRead(TWO_WAYS)
  return plain
}

/** Names as objects of Kubernetes have them. Others stand in quotes. */
const KEY = /[\w.$/][\w.$/@+-]*/y

/** The name without quotes that begins here, and where it ends; null where there is none. */
export function keyAt(text: string, from: number, to: number): { readonly key: string; readonly next: number } | null {
  KEY.lastIndex = from
  if (!KEY.test(text) || KEY.lastIndex > to) return null
  const key = text.slice(from, KEY.lastIndex)
  return { key, next: KEY.lastIndex }
}

/** A name that a reader might take for a flag, a number or nothing is none. */
export function checkKey(key: string): string {
  if (typeof resolve(key) !== 'string') throw new NotRead(TWO_WAYS)
  return key
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', ' ': ' ' },
  ...{ '0': '\0', a: '\u0007', e: '\u001b', v: '\v', _: '\u00a0', N: '\u0085', L: '\u2028', P: '\u2029' },
}
const HEX: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }
const ESCAPED = /\\(?:([xuU])([\da-fA-F]+)|([\s\S]))/g
const DOUBLE = /"(?:[^"\\]|\\[\s\S])*"/y
const SINGLE = /'(?:[^']|'')*'/y

/** Where the text in quotes ends that begins here, behind its last quote. */
export function endOfQuoted(text: string, from: number): number {
  const pattern = text[from] === '"' ? DOUBLE : SINGLE
  pattern.lastIndex = from
  if (!pattern.test(text)) throw new NotRead(NOT_VALID)
  return pattern.lastIndex
}

/** What it says, quotes and all. Line ends in it are one space, and empty lines are line ends. */
export function unquoted(quoted: string): string {
  const inner = quoted.slice(1, -1)
  const isDouble = quoted.startsWith('"')
  const folded = inner.includes('\n') ? fold(inner, isDouble) : inner
  if (!isDouble) return folded.replaceAll("''", "'")
  return folded.includes('\\') ? folded.replace(ESCAPED, toCharacter) : folded
}

function toCharacter(
  _all: string,
  kind: string | undefined,
  hex: string | undefined,
  letter: string | undefined,
): string {
  if (kind !== undefined && hex !== undefined) {
    const length = HEX[kind] ?? 0
    const code = Number.parseInt(hex.slice(0, length), 16)
    if (hex.length < length || code > 0x10ffff) throw new NotRead(NOT_VALID)
    return String.fromCodePoint(code) + hex.slice(length)
  }
  const character = ESCAPES[letter ?? '']
  if (character === undefined) throw new NotRead(NOT_VALID)
  return character
}

function fold(inner: string, isDouble: boolean): string {
  const [first = '', ...rest] = inner.split(/\r?\n/)
  const parts = [isDouble ? first : trimEnd(first)]
  let empty = 0
  for (const [at, line] of rest.entries()) {
    const isLast = at === rest.length - 1
    const text = line.replace(/^ +/, '')
    if (text.startsWith('\t')) throw new NotRead(TWO_WAYS)
    if (text === '' && !isLast) empty += 1
    else {
      join(parts, empty, isDouble)
      parts.push(isLast ? text : isDouble ? text : trimEnd(text))
      empty = 0
    }
  }
  return parts.join('')
}

/** The line before loses the spaces at its end; a backslash there keeps them, and joins without a space. */
function join(parts: string[], empty: number, isDouble: boolean): void {
  const before = parts.pop() ?? ''
  const escaped = isDouble && /\\*$/.exec(before)?.[0].length
  if (escaped !== false && escaped !== undefined && escaped % 2 === 1) {
    if (empty > 0) throw new NotRead(TWO_WAYS)
    parts.push(before.slice(0, -1))
    return
  }
  if (isDouble && /\\[ \t]+$/.test(before)) throw new NotRead(TWO_WAYS)
  parts.push(trimEnd(before), empty === 0 ? ' ' : '\n'.repeat(empty))
}

function trimEnd(text: string): string {
  let to = text.length
  while (to > 0 && (text[to - 1] === ' ' || text[to - 1] === '\t')) to -= 1
  return text.slice(0, to)
}
