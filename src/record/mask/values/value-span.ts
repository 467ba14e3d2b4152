import { runsAt } from '../commands/runs.ts'

/** Where a value stands in a text: without its quotes. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A value may be one word, or words as in a header. In quotes it may be words in any case. */
export type Extent = 'word' | 'words'

/** Longer texts in quotes are words. No value is looked through again and again. */
const MAX_QUOTED = 4096
const MAX_QUOTES = 64
const MAX_SCHEME = 16

const QUOTES: ReadonlySet<string> = new Set(['\\', '"', "'"])
const BEHIND_WORD: ReadonlySet<string> = new Set([...' \t&,)}<>"\''])
const BEHIND_WORDS: ReadonlySet<string> = new Set([...'&<>"\''])

/** `Bearer x`: the word before says what the next one is. */
const SCHEME = /^(?:bearer|basic|digest|negotiate|ntlm|token|apikey|splunk)[ \t]$/i

/** Whether what a shell would run may begin here. Whatever is masked ends before: a mask must not hide a command. */
export function beginsCommand(text: string, at: number): boolean {
  switch (text[at]) {
    case '`':
    case '|':
    case ';':
    case '\n':
    case '\r':
      return true
    case '&':
      return text[at + 1] === '&'
    case '$':
    case '<':
    case '>':
      return text[at + 1] === '('
    default:
      return false
  }
}

/** What makes a password of a text, and does nothing else. */
const MAKES = String.raw`(?:\w{1,16}\.)?(?:old_)?(?:password|\w{0,16}crypt|md5|sha\d{0,3}|\w{0,16}hash|digest|(?:un)?hex|\w{0,16}base64|bytes|str)\(`
/** What languages put before a text in quotes: `$'x'`, `N'x'`, `b"x"`, `PASSWORD('x')`, `$$x$$`. Other calls may run it. */
const PREFIX = new RegExp(String.raw`(?:\$\$|(?:\$|[BEFNRUX]{1,2}&?|${MAKES}[ \t]{0,4}[BNF]?)(?=\\{0,8}["']))`, 'iy')

/** Where what a shell would run begins in a text, or its length. */
export function commandIn(text: string): number {
  let at = 0
  while (at < text.length && !beginsCommand(text, at)) at += 1
  return at
}

/** The value that begins at `at`, with its quotes; null where there is none. */
export function valueSpan(text: string, at: number, extent: Extent = 'word'): Span | null {
  if (extent === 'words') return spanFrom(text, at, extent)
  if (runsAt(text, at)) return null
  PREFIX.lastIndex = at
  const behind = PREFIX.test(text) ? spanFrom(text, PREFIX.lastIndex, extent) : null
  return behind ?? spanFrom(text, at, extent)
}

/** Whether a text in quotes begins here: whoever looks for one first looks through no value again and again. */
export function isQuotedAt(text: string, at: number): boolean {
  PREFIX.lastIndex = at
  return QUOTES.has(text[at] ?? '') || PREFIX.test(text)
}

function spanFrom(text: string, at: number, extent: Extent): Span | null {
  const from = behindQuotes(text, at)
  const quotes = text.slice(at, from)
  const first = endOf(text, from, quotes, extent)
  if (first <= from) return null
  return { from, to: extent === 'word' ? endOfJoined(text, from, first, quotes) : first }
}

/** Where a shell goes on with the same word: `a'b'`, `"a"b`. */
const GOES_ON = /[A-Za-z0-9!#%*+./@^_~=-]/

function endOfJoined(text: string, from: number, first: number, quotes: string): number {
  let to = first
  // No word of a shell, but a call, which may run the text.
  if (quotes === '' && text.slice(from, first).includes('(')) return first
  const isClosed = quotes.length === 1 && quotes === text[first]
  if (isClosed && (GOES_ON.test(text[first + 1] ?? '') || closingAt(text, first + 1) > 0)) to = first + 1
  for (let pieces = 0; pieces < MAX_QUOTES; pieces += 1) {
    const closing = to > first || !isClosed ? closingAt(text, to) : 0
    if (closing > 0) to = closing + 1
    else if (to > first && GOES_ON.test(text[to] ?? '')) to = endOfBare(text, to, 'word')
    else break
  }
  return to
}

/** Where the quote that opens here closes; 0 where none does, or where it closed something around. */
function closingAt(text: string, at: number): number {
  const quote = text[at]
  if ((quote !== '"' && quote !== "'") || !GOES_ON.test(text[at + 1] ?? '')) return 0
  for (let to = at + 1; to < text.length && to < at + MAX_QUOTED; to += 1) {
    if (text[to] === quote) return to
    if (beginsCommand(text, to)) return 0
  }
  return 0
}

/** Behind the quotes and backslashes that begin a value, also those of a script within a script. */
export function behindQuotes(text: string, at: number): number {
  let from = at
  while (from - at < MAX_QUOTES && QUOTES.has(text[from] ?? '')) from += 1
  return from
}

function endOf(text: string, from: number, quotes: string, extent: Extent): number {
  if (quotes === '' || quotes === '""' || quotes === "''") return endOfBare(text, from, extent)
  if (/\s/.test(text[from] ?? ' ')) return from
  return quotes === '"' || quotes === "'" ? endOfQuoted(text, from, quotes) : endOfBare(text, from, 'word', true)
}

function endOfQuoted(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length && at < from + MAX_QUOTED; at += 1) {
    if (text[at] === quote || beginsCommand(text, at)) return at
    if (text[at] === '\\' && quote === '"' && !beginsCommand(text, at + 1)) at += 1
  }
  return endOfBare(text, from, 'word')
}

/** In a script within a script a backslash belongs to the quote that ends the value. */
function endOfBare(text: string, from: number, extent: Extent, nested = false): number {
  const behind = extent === 'words' ? BEHIND_WORDS : BEHIND_WORD
  let at = from
  for (; at < text.length && !beginsCommand(text, at); at += 1) {
    const character = text[at] ?? ''
    if (character === '\\' && nested) return at
    if (character === '\\' && !beginsCommand(text, at + 1)) at += 1
    else if (extent === 'words' && character === '"' && text[at - 1] === '=') at = endOfParameter(text, at)
    else if (behind.has(character) && !isScheme(text, from, at)) break
  }
  return Math.min(at, text.length)
}

/** `username="x"` in a header. */
function endOfParameter(text: string, from: number): number {
  const to = text.indexOf('"', from + 1)
  return to === -1 || to - from > MAX_QUOTED || /[`|;\n\r]|&&|\$\(/.test(text.slice(from, to)) ? from : to
}

function isScheme(text: string, from: number, at: number): boolean {
  return at - from <= MAX_SCHEME && SCHEME.test(text.slice(from, at + 1))
}
