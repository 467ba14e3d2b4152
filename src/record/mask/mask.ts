import type { MaskRules } from '../../policy/policy.ts'
import {
  type Announced,
  announcedBy,
  isSetToSecret,
  programOf,
  readsPassword,
  secretOptionsOf,
} from './commands/programs.ts'
import { mayRunTexts } from './commands/runs.ts'
import { type Piece, shellPieces, unquote } from './commands/shell-words.ts'
import { MASK } from './hidden.ts'
import { maskText } from './mask-text.ts'
import { isSecretName, NO_RULES } from './secret-name.ts'
import { passwordOfLogon } from './values/logon.ts'
import { isReference } from './values/named-values.ts'
import { commandIn } from './values/value-span.ts'

/** Scripts within scripts; deeper ones are taken word by word. */
const MAX_DEPTH = 4

/**
 * An argument vector as it may be kept: same length, credentials replaced. It looks at option names, at known shapes of
 * tokens and at randomness, also inside scripts (`sh -c …`). It can miss a secret that looks like a plain word. What a shell would run
 * is never masked: `$(…)`, and what stands behind a pipe, a semicolon or the end of a line, stays to be seen.
 */
export function maskCommand(argv: readonly string[], rules: MaskRules = NO_RULES): readonly string[] {
  const ofSecret = argv.some(word => /^secrets?(?:\/|$)/.test(word))
  const command = { ofSecret, runsTexts: argv.some(mayRunTexts) }
  return maskWords(argv, { rules, depth: 0, inText: argument => maskText(argument, rules, command) })
}

interface Masking {
  readonly rules: MaskRules
  readonly depth: number
  /** The rules for free text, which a script has behind it as a whole. */
  readonly inText: (argument: string) => string
}

function maskWords(words: readonly string[], masking: Masking): readonly string[] {
  const options = new Set<string>()
  const programs = new Set<string>()
  const isRead = readsPassword(words)
  let next: Announced | null = null
  return words.map((word, index) => {
    const due: Announced | null = next
    // What a shell would run has words of its own.
    if (commandIn(word) < word.length) next = null
    if (due !== null && !isOption(word)) {
      next &&= afterWord(due)
      if (due.between === 0) return maskWhole(word, masking)
    }
    if (isRead && word.startsWith('<<<') && word !== '<<<') return `<<<${maskWhole(word.slice(3), masking)}`
    const program = programOf(word)
    if (program !== '') programs.add(program)
    for (const option of secretOptionsOf(program, programs)) options.add(option)
    const announced = announcedBy(word, programs)
    if (announced !== null && isOption(word)) next = announced
    else if (
      announcesSecret(word, words[index - 1], { options, programs }, masking.rules) ||
      isSetToSecret(word, programs)
    )
      next = ONE
    else next = isRead && word === '<<<' ? ONE : (next ?? announced)
    const attached = maskAttached(word, options, masking) ?? maskPair(word, words[index - 1], programs, masking)
    return attached ?? maskLogon(word, programs, masking) ?? maskArgument(word, masking)
  })
}

const ONE: Announced = { between: 0, words: 1 }

function afterWord({ between, words }: Announced): Announced | null {
  if (between > 0) return { between: between - 1, words }
  return words > 1 ? { between, words: words - 1 } : null
}

/** Up to what a shell would run. */
function maskWhole(argument: string, masking: Masking): string {
  if (isReference(argument)) return argument
  const to = commandIn(argument)
  const rest = argument.slice(to)
  return `${to === 0 ? '' : MASK}${rest === '' ? '' : maskArgument(rest, masking)}`
}

/** `-pSECRET`, `--user=SECRET`: whatever follows is the secret, also where it reads like the name of an option itself. */
function maskAttached(word: string, options: ReadonlySet<string>, masking: Masking): string | undefined {
  if (options.size === 0 || !word.startsWith('-') || options.has(word)) return undefined
  const option = [...options].find(each => word.startsWith(each.startsWith('--') ? `${each}=` : each))
  if (option === undefined) return undefined
  const at = option.length + (option.startsWith('--') ? 1 : 0)
  return word.startsWith('--') && !option.startsWith('--')
    ? undefined
    : `${word.slice(0, at)}${maskWhole(word.slice(at), masking)}`
}

/** What is put into a Secret or a vault is one, whatever its name is. */
function maskPair(
  word: string,
  before: string | undefined,
  programs: ReadonlySet<string>,
  masking: Masking,
): string | undefined {
  const literal = before === '--from-literal' || word.startsWith('--from-literal=')
  const stored = programs.has('vault') && (programs.has('put') || programs.has('write') || programs.has('patch'))
  if (!(literal && programs.has('secret')) && !(stored && /^[\w.-]{1,64}=/.test(word))) return undefined
  const at = word.indexOf('=', word.startsWith('--from-literal=') ? '--from-literal='.length : 0)
  return at === -1 ? undefined : `${word.slice(0, at + 1)}${maskWhole(word.slice(at + 1), masking)}`
}

function maskLogon(word: string, programs: ReadonlySet<string>, masking: Masking): string | undefined {
  const span = passwordOfLogon(word, programs)
  if (span === null) return undefined
  return `${word.slice(0, span.from)}${maskWhole(word.slice(span.from, span.to), masking)}${word.slice(span.to)}`
}

function maskArgument(argument: string, masking: Masking): string {
  const masked = masking.inText(argument)
  return /\s/.test(masked) && masking.depth <= MAX_DEPTH ? maskScript(masked, masking) : masked
}

/** Each command of a script is an argument vector, with its spaces and quotes kept. */
function maskScript(script: string, { rules, depth }: Masking): string {
  const parted = shellPieces(script, false)
  const pieces = depth === MAX_DEPTH || parted.length < 2 ? shellPieces(script, true) : parted
  const masking: Masking = { rules, depth: depth + 1, inText: text => text }
  const commands = toCommands(pieces)
  return commands
    .map((command, index) => {
      const next = commands[index + 1]
      const piped = isPipe(command.at(-1)) && next !== undefined && readsPassword(wordsOf(next))
      return piped ? maskSaid(command) : maskPieces(command, masking)
    })
    .join('')
}

/** Each with the piece that ends it. */
function toCommands(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const commands: Piece[][] = [[]]
  for (const piece of pieces) {
    commands.at(-1)?.push(piece)
    if (piece.kind === 'end') commands.push([])
  }
  return commands
}

function isPipe(piece: Piece | undefined): boolean {
  return piece?.kind === 'end' && piece.text === '|'
}

function wordsOf(command: readonly Piece[]): readonly string[] {
  return command.filter(({ kind }) => kind === 'word').map(({ text }) => unquote(text).bare)
}

function maskPieces(command: readonly Piece[], masking: Masking): string {
  const masked = maskWords(wordsOf(command), masking)
  let at = 0
  return command
    .map(({ kind, text }) => {
      if (kind !== 'word') return text
      const { before, behind } = unquote(text)
      at += 1
      return `${before}${masked[at - 1] ?? MASK}${behind}`
    })
    .join('')
}

/** What says what it is given, and does nothing else. */
const SAYS = /^(?:echo|printf|print)$/

/** `echo root:secret | chpasswd`: what is said is the secret. Of what else stands before the pipe nothing is. */
function maskSaid(command: readonly Piece[]): string {
  const says = command.findLastIndex(({ kind, text }) => kind === 'word' && SAYS.test(programOf(unquote(text).bare)))
  let isSaid = says >= 0
  return command
    .map(({ kind, text }, index) => {
      if (kind !== 'word' || index <= says || !isSaid) return text
      // From here on it is what a shell would run.
      isSaid = commandIn(text) === text.length
      const { before, bare, behind } = unquote(text)
      const kept = !isSaid || isOption(bare) || bare === '' || /^[$%]|\s/.test(bare)
      return kept ? text : `${before}${MASK}${behind}`
    })
    .join('')
}

function isOption(argument: string): boolean {
  return /^--?[A-Za-z][\w-]*(=|$)/.test(argument)
}

/** `--password`, the options above, and `set NAME` of those who set things: the next argument is the secret. */
function announcesSecret(
  word: string,
  before: string | undefined,
  { options, programs }: { readonly options: ReadonlySet<string>; readonly programs: ReadonlySet<string> },
  rules: MaskRules,
): boolean {
  if (options.has(word) || (options.has('-u') && /^-[A-Za-z]{1,8}u$/.test(word))) return true
  const isSet = before === 'set' || before === 'setenv' || (programs.has('set') && /^-[gluxU]{1,4}$/.test(before ?? ''))
  if (isSet) return isSecretName(word.slice(-64), rules)
  const named = /^--?([A-Za-z][\w.-]*)$/.exec(word)
  return named?.[1] !== undefined && isSecretName(named[1], rules)
}
