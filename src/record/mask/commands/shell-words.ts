/** A script in pieces that make it up again: words, the spaces between them, and what ends a command. */
export interface Piece {
  readonly kind: 'word' | 'space' | 'end'
  readonly text: string
}

/** A line that goes on is one line. */
const SPACE = /(?:[ \t\f\v\u00a0]|\\\r?\n)+/y
const END = /(?:[\r\n|;()`]|&|\$\(|[<>]\()+/y
/** A quote that nothing closes is a character like any other. */
const WORD = /(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^\s|;&()`'"\\$<>]|\$(?!\()|[<>](?!\()|['"\\])+/y
/** The same for a text in which quotes are only a part of the words. */
const FLAT_WORD = /(?:[^\s|;&()`$<>]|\$(?!\()|[<>](?!\())+/y
const ELSE = /[\s\S]/y

/** The words as a POSIX shell would part them, or, `flat`, at every space. */
export function shellPieces(script: string, flat: boolean): readonly Piece[] {
  const kinds = [
    ['end', END],
    ['space', SPACE],
    ['word', flat ? FLAT_WORD : WORD],
    ['space', ELSE],
  ] as const
  const pieces: Piece[] = []
  for (let at = 0; at < script.length; ) {
    for (const [kind, pattern] of kinds) {
      pattern.lastIndex = at
      if (!pattern.test(script)) continue
      pieces.push({ kind, text: script.slice(at, pattern.lastIndex) })
      at = pattern.lastIndex
      break
    }
  }
  return pieces
}

const QUOTES: ReadonlySet<string> = new Set(['"', "'", '\\'])

export interface Unquoted {
  readonly before: string
  readonly bare: string
  readonly behind: string
}

/** A word without the quotes around it. */
export function unquote(word: string): Unquoted {
  let [from, to] = [0, word.length]
  while (from < to && QUOTES.has(word[from] ?? '')) from += 1
  while (to > from && QUOTES.has(word[to - 1] ?? '')) to -= 1
  return { before: word.slice(0, from), bare: word.slice(from, to), behind: word.slice(to) }
}
