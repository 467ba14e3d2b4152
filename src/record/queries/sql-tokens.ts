export interface Token {
  /** word: a bare name or keyword. name: a quoted one, without its quotes. text: a string. sign: anything else. */
  readonly kind: 'word' | 'name' | 'text' | 'sign'
  readonly text: string
}

export type Tokens =
  | { readonly kind: 'tokens'; readonly tokens: readonly Token[] }
  | { readonly kind: 'problem'; readonly message: string }

/**
 * A part of ClickHouse's SQL that is read one way only (src/Parsers/Lexer.cpp has more: heredocs, nested comments,
 * typographic quotes, escapes in names, hash comments). What is outside is a problem, not a guess.
 */
const PARTS: readonly { readonly kind: Token['kind'] | 'skip'; readonly pattern: RegExp }[] = [
  { kind: 'skip', pattern: /[ \t\r\n]+/y },
  { kind: 'skip', pattern: /--[^\n]*/y },
  { kind: 'skip', pattern: /\/\*(?:(?!\/\*)(?!\*\/)[\s\S])*\*\//y },
  { kind: 'word', pattern: /[A-Za-z_]\w*/y },
  { kind: 'text', pattern: /'(?:[^'\\]|\\[\s\S]|'')*'/y },
  { kind: 'name', pattern: /`[^`\\]*`|"[^"\\]*"/y },
  { kind: 'sign', pattern: /\d\w*(?:\.\d\w*)?/y },
  { kind: 'sign', pattern: /\/(?!\*)|[(),.=<>!+*%[\]{}:?|;@^&~-]/y },
]

export function toTokens(sql: string): Tokens {
  const tokens: Token[] = []
  let at = 0
  while (at < sql.length) {
    const part = partAt(sql, at)
    if (part === null) return { kind: 'problem', message: `cannot read the query at character ${at + 1}` }
    if (part.kind !== 'skip') tokens.push({ kind: part.kind, text: bare(part.kind, part.text) })
    at += part.text.length
  }
  return { kind: 'tokens', tokens }
}

function partAt(sql: string, at: number): { readonly kind: Token['kind'] | 'skip'; readonly text: string } | null {
  for (const { kind, pattern } of PARTS) {
    pattern.lastIndex = at
    const text = pattern.exec(sql)?.[0]
    if (text !== undefined) return { kind, text }
  }
  return null
}

function bare(kind: Token['kind'], text: string): string {
  return kind === 'name' ? text.slice(1, -1) : text
}
