import { type Interpreter, interpreterOf, isScriptOption } from '../../../policy/programs/interpreters.ts'

/** What ends like a shell is one, though no list has it, but for these: `git push` runs nothing. */
const LIKE_A_SHELL = /^(?!(?:pu|ha|s|cra|da|tra|sta|fla|flu|fini|refre|publi|fre|bru|wa|ca)sh$)[a-z]{0,16}sh$/
/** A command's words behind this many others are not looked at. */
const MOST_WORDS = 16

function known(program: string): Interpreter | null {
  return interpreterOf(program) ?? (LIKE_A_SHELL.test(program) ? interpreterOf('sh') : null)
}

/** Whether the program, with these words behind it, may run what is piped to it. Doubt says yes: then nothing of it is hidden. */
export function mayRunItsInput(program: string, behind: readonly string[]): boolean {
  const found = known(program)
  if (found === null || found.kind === 'filter') return false
  return found.kind !== 'console' || !hasScript(found, behind)
}

/** The same for one whose words are known: `sh -c x` reads nothing, where `x` is not what another command says. */
export function runsWhatItIsGiven(program: string, behind: readonly string[]): boolean {
  const found = known(program)
  if (found === null) return false
  if (found.kind === 'filter') return behind.slice(0, MOST_WORDS).some(word => /^-[a-z]{0,8}f|^--file/.test(word))
  if (found.kind === 'console') return !hasScript(found, behind)
  if (program === 'xargs') return true
  const [option = '', script = ''] = behind
  if (script.startsWith('$')) return true
  return option === '-m' ? script !== 'json.tool' : !startsScript(found, option)
}

export function isConsole(program: string): boolean {
  return interpreterOf(program)?.kind === 'console'
}

function hasScript(found: Interpreter, behind: readonly string[]): boolean {
  return behind
    .slice(0, MOST_WORDS)
    .some((word, at) => startsScript(found, word) && !(behind[at + 1] ?? '').startsWith('$'))
}

/** `-lc`, `-ne`, `-e1`, `--eval=1`. */
function startsScript(found: Interpreter, word: string): boolean {
  const [option = ''] = word.split('=', 1)
  if (isScriptOption(found, option)) return true
  const letters = /^-[a-z]{1,9}/.exec(option)?.[0] ?? ''
  return [...letters].some((_, at) => at > 0 && isScriptOption(found, letters.slice(0, at + 1)))
}
