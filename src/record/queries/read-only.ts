import { type Token, toTokens } from './sql-tokens.ts'

const STATEMENTS: ReadonlySet<string> = new Set(['select', 'with', 'show', 'describe', 'desc', 'explain'])

/**
 * Ordinary functions that reach outside the database. `readonly` does not stop them in the embedded engine:
 * `SELECT file('/etc/passwd')` answers.
 */
const OUTSIDE: ReadonlySet<string> = new Set([
  'file',
  'catboostevaluate',
  'aiclassify',
  'aiembed',
  'aiextract',
  'aigenerate',
  'aigeneratetext',
  'aitranslate',
])

/** Table functions that make rows out of nothing; every other one the engine knows is out of bounds. */
const HARMLESS: ReadonlySet<string> = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'generate_series',
  'generateseries',
  'values',
  'null',
  'view',
  // Also the name of an ordinary function; as a table function it reads only its own arguments.
  'format',
])

/**
 * Why a query is not run, or null. It stands before the engine's own `readonly = 1`, which in the embedded engine leaves
 * open: INTO OUTFILE, KILL QUERY, file(), and DESCRIBE of file() and url() (each tried; test/record/queries has them).
 * `tableFunctions` are the names the engine knows.
 */
export function whyNotReadOnly(sql: string, tableFunctions: readonly string[]): string | null {
  const read = toTokens(sql)
  if (read.kind === 'problem') return read.message
  const tokens = withoutLastSemicolons(read.tokens)
  const first = tokens.find(({ text }) => text !== '(')
  if (first === undefined) return 'the query is empty'
  if (first.kind !== 'word' || !STATEMENTS.has(first.text.toLowerCase())) {
    return 'only SELECT, WITH, SHOW, DESCRIBE and EXPLAIN are run'
  }
  if (tokens.some(isSign(';'))) return 'only one statement is run'
  const barred = new Set(tableFunctions.map(name => name.toLowerCase()).filter(name => !HARMLESS.has(name)))
  return firstProblem(tokens, barred)
}

function firstProblem(tokens: readonly Token[], barred: ReadonlySet<string>): string | null {
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== 'word' && kind !== 'name') continue
    const name = text.toLowerCase()
    if (kind === 'word' && (name === 'outfile' || name === 'infile')) return `${text} is not allowed`
    // Wherever it stands: APPLY(file) calls it without parentheses of its own.
    if (OUTSIDE.has(name)) return `${text} is not allowed`
    if (barred.has(name) && tokens[index + 1]?.text === '(') return `the table function ${text} is not allowed`
    if (name === 'identifier' && tokens[index - 1]?.text === ':') return 'parameters cannot stand for names'
  }
  return null
}

function isSign(sign: string): (token: Token) => boolean {
  return ({ kind, text }) => kind === 'sign' && text === sign
}

function withoutLastSemicolons(tokens: readonly Token[]): readonly Token[] {
  return tokens.slice(0, tokens.findLastIndex(token => !isSign(';')(token)) + 1)
}
