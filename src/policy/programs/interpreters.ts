/**
 * Programs that run a text that they are given, in one list for all who ask: whether a command says what it does, whether a rule of a
 * policy lets anything run, whether a mask would hide what runs. A name that is missing here is missing for all of them.
 */
interface Family {
  readonly kind: Kind
  /** Without versions. */
  readonly names: string
  /** Letters of the short options behind which the text is an argument; none where there are no such options. */
  readonly letters?: string
  /** The same as whole words. */
  readonly words?: string
}

/**
 * `shell`; `foreign`: one with other words than those of a POSIX shell, or on another machine; `language`; `console` of a database, a debugger,
 * an editor, most of which run commands of a shell, too; `runner`: runs lines that it reads; `filter`: runs the file that `-f` names, and nothing
 * of what it reads.
 */
type Kind = 'shell' | 'foreign' | 'language' | 'console' | 'runner' | 'filter'

const FAMILIES: readonly Family[] = [
  {
    kind: 'shell',
    names:
      'sh ash bash rbash dash zsh rzsh ksh rksh mksh lksh oksh pdksh csh tcsh fish yash posh sash hush osh ysh xonsh elvish nu ion',
    letters: 'c',
    words: '--command --commands',
  },
  { kind: 'shell', names: 'pwsh powershell', letters: 'c', words: '-command -commandwithargs -cwa' },
  { kind: 'foreign', names: 'cmd', words: '/c /k' },
  { kind: 'foreign', names: 'ssh slogin rsh remsh mosh dbclient' },
  { kind: 'language', names: 'python pypy jython micropython ipython guile', letters: 'c' },
  { kind: 'language', names: 'perl ruby jruby', letters: 'eE' },
  { kind: 'language', names: 'lua luajit luau Rscript R groovy scala elixir iex pry ts-node tsx', letters: 'e' },
  { kind: 'language', names: 'node nodejs', letters: 'ep', words: '--eval --print' },
  { kind: 'language', names: 'bun deno', letters: 'ep', words: '--eval --print eval' },
  { kind: 'language', names: 'php php-cgi hhvm', letters: 'r' },
  { kind: 'language', names: 'julia racket clojure clj', letters: 'eE', words: '--eval --print' },
  { kind: 'language', names: 'octave sbcl', words: '--eval' },
  { kind: 'language', names: 'erl', words: '-eval' },
  { kind: 'language', names: 'expect', letters: 'c' },
  { kind: 'language', names: 'osascript gnuplot ocaml ghci', letters: 'e' },
  { kind: 'language', names: 'tclsh irb jshell m4 swipl' },
  { kind: 'console', names: 'psql', letters: 'c', words: '--command' },
  { kind: 'console', names: 'mysql mariadb mysqlsh cqlsh', letters: 'e', words: '--execute' },
  { kind: 'console', names: 'mongo mongosh', words: '--eval' },
  { kind: 'console', names: 'clickhouse-client', letters: 'q', words: '--query' },
  { kind: 'console', names: 'sqlite sqlite3 duckdb redis-cli valkey-cli sqlplus sqlcmd' },
  { kind: 'console', names: 'gdb lldb ed ex vi vim nvim emacs dc' },
  { kind: 'runner', names: 'at batch parallel xargs' },
  { kind: 'runner', names: 'su', letters: 'c', words: '--command --session-command' },
  { kind: 'filter', names: 'awk gawk mawk nawk sed gsed make gmake' },
]

export interface Interpreter {
  readonly kind: Kind
  readonly family: Family
}

const BY_NAME = new Map(
  FAMILIES.flatMap(family =>
    family.names.split(' ').map(name => [name.toLowerCase(), { kind: family.kind, family }] as const),
  ),
)

/** `python3.12`, `python311`, `perl5.36-x86_64-linux-gnu`, `bash-5.2`, `sh-`. Of the others, some have digits in their own names, some are words without them. */
const VERSIONED: ReadonlySet<Kind> = new Set(['shell', 'language'])
const VERSION = String.raw`(?:\d{1,3}[a-z]?[.-]?|-?\d{1,2}(?:\.\d{1,3}){1,3}[a-z]?(?:-[\w.-]{1,32})?|-\d{2,4}|[.-])`
const NAME = new RegExp(`^([a-z-]{2,16}?)${VERSION}$`)

/** By the name of a program without its path, of any version and case, with `.exe` or without. */
export function interpreterOf(program: string): Interpreter | null {
  const name = program.toLowerCase().replace(/\.exe$/, '')
  const found = BY_NAME.get(name)
  if (found !== undefined) return found
  const versioned = BY_NAME.get(NAME.exec(name)?.[1] ?? '')
  return versioned !== undefined && VERSIONED.has(versioned.kind) ? versioned : null
}

export function isShell(program: string): boolean {
  const kind = interpreterOf(program)?.kind
  return kind === 'shell' || kind === 'foreign'
}

/** An option by which sudo runs a shell: `-s`, `-i`. */
export function isShellOfSudo(option: string): boolean {
  return /^-(?:[A-Za-z]{0,8}[is][A-Za-z]{0,8}|-shell|-login)$/.test(option)
}

/** Whether behind this option the text that runs is an argument, so that it is not what is read. */
export function isScriptOption({ family }: Interpreter, option: string): boolean {
  const { letters = '', words = '' } = family
  if (words !== '' && words.split(' ').includes(option.toLowerCase())) return true
  return letters !== '' && /^-[A-Za-z]{1,9}$/.test(option) && letters.includes(option.at(-1) ?? '-')
}

/**
 * Whether the arguments say what runs. What stands behind a script is the script's own; consoles take their options anywhere. A word behind an
 * option may be its value, as in `-o pipefail`, unless it is a path.
 */
export function isTold(interpreter: Interpreter, args: readonly string[]): boolean {
  if (!VERSIONED.has(interpreter.kind)) return args.some(argument => isScriptOption(interpreter, argument))
  let isBehindOption = false
  for (const argument of args) {
    if (isScriptOption(interpreter, argument)) return true
    const isOption = /^[-+]/.test(argument)
    if (!isOption && (!isBehindOption || argument.includes('/'))) return false
    isBehindOption = isOption
  }
  return false
}

/** For a pattern: the name of one of these as it may be written. */
export function namesOf(...kinds: readonly Kind[]): string {
  const names = FAMILIES.filter(({ kind }) => kinds.includes(kind)).flatMap(family => family.names.split(' '))
  const version = kinds.some(kind => VERSIONED.has(kind)) ? `${VERSION}?` : ''
  return String.raw`(?:${names.toSorted().join('|')})${version}(?:\.exe)?`
}
