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

/** The value that begins at `at`, with its quotes; null where there is none. */
export function valueSpan(text: string, at: number, extent: Extent = 'word'): Span | null {
  const from = behindQuotes(text, at)
  const to = endOf(text, from, text.slice(at, from), extent)
  return to > from ? { from, to } : null
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
