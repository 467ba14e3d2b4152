import { interpreterOf, isShellOfSudo, isTold, namesOf } from '../programs/interpreters.ts'

/** Read a file into the shell that runs. */
const SOURCES: ReadonlySet<string> = new Set(['.', 'source'])
/** Run what they are given, as somebody else, later, or somewhere; and words of the shell before a command. */
const WRAPPER =
  /^(?:sudo|doas|su|env|nohup|time|exec|nice|ionice|xargs|timeout|command|builtin|busybox|toybox|chroot|stdbuf|setsid|unshare|nsenter|parallel|watch|flock|if|then|elif|else|while|until|do|!)$/
/** Their first argument is no program. */
const WITH_OPERAND = /^(?:chroot|flock|su)$/
/** Without a command these run a shell. */
const SHELL_BY_ITSELF = /^(?:su|sudo -s|chroot|unshare|nsenter|parallel)$/
const OPTION = /^-/
const SETTING = /^(?:\w+=|\d)/
/** `2>&1`, `> file`, `<&0`: none of them is what runs. */
const REDIRECTION = /\d{0,2}[<>]{1,3}[&|]?\s{0,8}[^\s;&<>|()]{0,256}/g
/** Of words, and of characters in them: who hides a program further behind hides it from nobody. */
const MOST_WORDS = 16

const BEFORE = String.raw`(?:^|[\s;&|({/])`
const SHELL_WORD = String.raw`${BEFORE}(?:${namesOf('shell')}|source|\.)`
const LANGUAGE_WORD = `${BEFORE}${namesOf('language')}`
/** Of these, what is an argument is a name or an address more often than a text that runs. */
const CONSOLE_WORD = `${BEFORE}${namesOf('console')}`
const FILTER_WORD = `${BEFORE}${namesOf('filter')}`
const WORDS = String.raw`(?:\s{1,8}[^\s;&|<]{1,64}){0,6}`
const SCRIPT_OPTION = String.raw`\s{1,8}(?:-[cefq]|--(?:command|execute|eval|query|file|expression))(?:\s{1,8}|=)`
const OPTIONS = String.raw`\s{1,8}(?:-\S{0,32}\s{1,8}){0,6}(?:<{1,3}\s{0,8})?["']?`
/** Arithmetic, and what says where a program lies, are no script. */
const NO_SCRIPT = String.raw`(?!\(|\s{0,8}(?:which|command|type|dirname|readlink|realpath)\s)`
const MADE = String.raw`(?:\$\(${NO_SCRIPT}|${'`'}|<\()`
const VARIABLE = String.raw`\$\{?!?\w{1,64}\}?`
/**
 * A script that is what a command says, or what a variable holds: `sh -c "$(curl x)"`, `source <(curl x)`, `sh -c "$X"`. Options of a
 * language may be in a variable.
 */
const SUBSTITUTED = new RegExp(
  [
    `(?:${SHELL_WORD}|${LANGUAGE_WORD})${OPTIONS}${MADE}`,
    `${SHELL_WORD}${OPTIONS}${VARIABLE}(?:["'\\s]|$)`,
    `${LANGUAGE_WORD}${OPTIONS}${VARIABLE}["']?\\s{0,8}(?:$|[;&|)])`,
    `(?:${CONSOLE_WORD}${WORDS}(?:${SCRIPT_OPTION}|\\s{0,8}<{1,3}\\s{0,8})|${FILTER_WORD}${WORDS}${SCRIPT_OPTION})["']?(?:${MADE}|${VARIABLE}["']?\\s{0,8}(?:$|[;&|)]))`,
  ].join('|'),
)
/** What a command says is the command: `$(curl x)`. */
const MADE_COMMAND = new RegExp(String.raw`(?:^|[;&|({\n])\s{0,8}["']?(?:\$\(${NO_SCRIPT}|${'`'})`)
/** A program's name with quotes in it that hold nothing: `r''m`. */
const BROKEN_NAME =
  /(?:^|[;&|({\n]|-c|\b(?:sudo|env|exec|nohup|xargs|command))\s{0,8}["']?[\w./-]{0,64}[A-Za-z](?:''|"")[A-Za-z]/

const DOWNLOADS =
  /(?:^|[\s/(])(?:curl|wget|aria2c|axel|ftpget|tftp|scp|sftp|lwp-download)\s|^[\s({!]*(?:\S{0,64}sh\s{1,8}-c\s{1,8}["']?)?fetch\s/
/** curl and some others show what they get; these say where to keep it. */
const SHOWS = /(?:^|[\s/(])(?:curl|lwp-download)\s/
const KEPT = /\s(?:-\w{0,16}[oO]|--output|--remote-name\S{0,8})(?:[\s=]|$)|\s-\w{0,16}o[/.~$"']|>/
const NOT_KEPT = /(?:\s-\w{0,16}[oO]\s{0,8}|--output(?:-document)?[\s=]|>{1,2}\s{0,8})(?:\/dev\/null|-(?=\s|$)|&\d)/g
const MADE_TO_RUN = /\bchmod\s(?:-\w{1,8}\s){0,4}(?:[ugoa]{0,4}\+\w{0,4}x|[0-7]?7[0-7]{2})/
const OF_A_FILE = /^[\s({!]*(?:\.{0,2}|~|\$\w{1,64})\//
/** A program in the words of its language, which asks somebody else what to do. */
const ASKS_AND_RUNS = [
  /\b(?:exec|eval|system|popen|subprocess|spawn)\b/,
  /\burlopen\b|\brequests\.|\bhttps?\.get\b|\bfetch\(|file_get_contents\(\s?["']https?:|\bopen\(\s?["']https?:/,
] as const
const INSTALLS = /\b(?:pip[\d.]{0,4}|npm|npx|yarn|gem|cargo|go|dpkg|rpm|apk)\s[^|;&\n]{0,200}\bhttps?:\/\//

/** Whether what runs comes from somewhere that the command does not show: a pipe, another command, the network. */
export function takesItsCode(text: string): boolean {
  const joined = text.replaceAll('\\\n', ' ')
  const [, ...piped] = joined.split('|')
  if (piped.some(runsItsInput)) return true
  if ([SUBSTITUTED, MADE_COMMAND, BROKEN_NAME, INSTALLS].some(pattern => pattern.test(joined))) return true
  return ASKS_AND_RUNS.every(pattern => pattern.test(joined)) || runsDownloads(joined.split(/[|;&\n]+/))
}

/** What stands behind a pipe; of a variable nobody knows. */
function runsItsInput(command: string): boolean {
  if (!/\w/.test(command)) return false
  const program = programOf(command)
  return isInterpreter(program) || readsItsScript(program, command) || /^[$`]/.test(program)
}

/** `awk -f -` */
function readsItsScript(program: string, command: string): boolean {
  return interpreterOf(program)?.kind === 'filter' && /\s-{1,2}f(?:ile)?[\s=]{0,8}(?:-(?:\s|$)|\/dev\/)/.test(command)
}

/** What runs the text that it reads; of a filter, that is a file. */
function isInterpreter(program: string): boolean {
  const kind = interpreterOf(program)?.kind
  return kind !== undefined && kind !== 'filter'
}

function runsDownloads(commands: readonly string[]): boolean {
  const from = commands.findIndex(command => DOWNLOADS.test(command) && keepsIt(command))
  if (from === -1) return false
  return commands
    .slice(from + 1)
    .some(command => MADE_TO_RUN.test(command) || OF_A_FILE.test(command) || runsFile(command))
}

function keepsIt(command: string): boolean {
  const rest = command.replace(NOT_KEPT, ' ')
  return KEPT.test(rest) || (rest === command && !SHOWS.test(command))
}

/** `sh /tmp/x`, `. /tmp/x`, `sh -c /tmp/x`: where the script is no argument. */
function runsFile(command: string): boolean {
  const program = programOf(command)
  if (SOURCES.has(program)) return true
  const interpreter = interpreterOf(program)
  if (interpreter === null) return false
  const words = command.slice(0, 2048).split(/\s+/)
  const args = words.slice(words.findIndex(word => nameOf(word) === program) + 1)
  const isSaid = isTold(
    interpreter,
    args.map(word => word.replace(/["'].*$/s, '')),
  )
  if (interpreter.kind === 'shell') return !isSaid || !/\s-\w{0,8}c\s{1,8}["']?[^\s"'./~$]/.test(command)
  if (interpreter.kind === 'language') return !isSaid
  return /<|\s-{1,2}(?:f|x|s|S|l|file|command)[\s=]|\\i\s|\bsource\s|\.read\s/.test(command)
}

/** The name of what runs in the end, behind `sudo -u x`, `env A=b`, `(` and the like; without quotes. */
function programOf(command: string): string {
  const words = command
    .slice(0, 2048)
    .replace(/^[\s&({!]+/, '')
    .replace(REDIRECTION, ' ')
    .replace(/[;&].*$/s, '')
    .trim()
    .split(/\s+/, MOST_WORDS)
  let [wrapper, isBehindOption, hasOperand] = ['', false, true]
  for (const word of words) {
    const name = nameOf(word)
    if (WRAPPER.test(name)) [wrapper, hasOperand] = [name, !WITH_OPERAND.test(name)]
    else if (OPTION.test(word)) {
      if (wrapper === 'sudo' && isShellOfSudo(word)) wrapper = 'sudo -s'
      isBehindOption = true
    } else if (wrapper !== '' && (SETTING.test(word) || (isBehindOption && !isInterpreter(name))))
      isBehindOption = false
    else if (!hasOperand && !isInterpreter(name) && !/^["']?[$`]/.test(word)) hasOperand = true
    else if (!SETTING.test(word)) return name
  }
  return SHELL_BY_ITSELF.test(wrapper) && !/\s(?:-c|--command)[\s=]/.test(command) ? 'sh' : ''
}

/** What a word is called as a program; before a backslash stands a folder of Windows, or nothing. */
function nameOf(word: string): string {
  const plain = word.replace(/^["']?[A-Za-z]:\\.*\\/s, '').replaceAll(/["'\\]/g, '')
  return plain.slice(plain.lastIndexOf('/') + 1).replace(/[)}]+$/, '')
}
