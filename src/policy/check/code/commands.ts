import type { TemplateRule } from '../../policy.ts'
import { type Interpreter, interpreterOf, isScriptOption } from '../../programs/interpreters.ts'

/** Programs of which no argument makes them print a file, run anything or go somewhere with what they have. */
const HARMLESS: ReadonlySet<string> = new Set(
  'arch basename cal df dirname du echo free getent groups host hostname id ls nproc nslookup pgrep pidof ping printf pwd seq sleep stat sync test true uname uptime vmstat which who whoami'.split(
    ' ',
  ),
)
/** Of these everybody knows that they print what they are given. */
const PRINTERS: ReadonlySet<string> = new Set(
  'awk base32 base64 bat bzcat cat cmp column comm cp csplit curl cut dd diff egrep expand fgrep find fmt fold gawk grep head hexdump iconv jq join less mawk more nl od paste pr rev scp sed shuf sort split strings tac tail tar tee tr uniq unexpand wc wget xargs xxd xzcat yq zcat zgrep'.split(
    ' ',
  ),
)
/** What runs another program that stands behind it. */
const WRAPPERS: ReadonlySet<string> = new Set(
  'busybox chroot command doas env exec ionice nice nohup nsenter runuser setsid sudo stdbuf time timeout toybox unshare'.split(
    ' ',
  ),
)

/** Variables of the container, and the arguments of all that runs in it: Secrets are among both. */
const SHOWN = /^(?:printenv|export|declare)$/
const SECRET_FILE =
  /^\/(?:proc\/[^/]+\/(?:environ|cmdline|mem|root)|(?:var\/)?run\/secrets|etc\/(?:shadow|ssl\/private))(?:\/|$)/

/** What the commands of a rule let run, or print, beyond what they seem to say. */
export function openCommands({ commands }: TemplateRule): string[] {
  return commands.flatMap(pattern => {
    const said = saidOf(pattern)
    return said === null ? [] : [`"${pattern.join(' ')}" ${said}`]
  })
}

export function openInput({ commands, stdin }: TemplateRule): string[] {
  const reading = commands.flatMap(([program = '']) => interpreterOf(nameOf(program)) ?? [])
  if (!stdin || reading.length === 0) return []
  const isShell = reading.every(({ kind }) => kind === 'shell' || kind === 'foreign')
  return [`stdin: true lets ${isShell ? 'a shell' : 'an interpreter'} run whatever is typed`]
}

function saidOf(pattern: readonly string[]): string | null {
  const [program = '', ...rest] = pattern
  if (isOpen(program)) return 'lets any command run'
  const name = nameOf(program)
  if (WRAPPERS.has(name)) return ofWrapped(name, rest)
  const interpreter = interpreterOf(name)
  if (interpreter !== null) return ofInterpreter(interpreter, name, rest)
  if (SHOWN.test(name)) return 'prints variables of the container, Secrets among them'
  if (name === 'ps' && rest.some(showsArguments))
    return 'prints the arguments of everything that runs, credentials among them'
  if (rest.some(part => SECRET_FILE.test(part))) return 'prints credentials of the container'
  if (!rest.some(isOpen) || HARMLESS.has(name)) return null
  return PRINTERS.has(name)
    ? "prints any file of the container, its service account's token too"
    : `gives ${name} any argument: which files it reads, and what else it does, is said by nobody`
}

/** Behind what runs another program stands that one, after options and what belongs to them. */
function ofWrapped(wrapper: string, rest: readonly string[]): string | null {
  const at = rest.findIndex(word => !word.startsWith('-') && !/^[A-Za-z_]\w*=|^[\d.]+[smhd]?$/.test(word))
  if (at >= 0) return saidOf(rest.slice(at))
  return wrapper === 'env' ? 'prints variables of the container, Secrets among them' : null
}

/** A star where the text stands, or where nothing says what runs. */
function ofInterpreter(interpreter: Interpreter, name: string, rest: readonly string[]): string | null {
  const { kind } = interpreter
  if (kind === 'shell' || kind === 'foreign') {
    return rest.length === 0 || isOpen(rest.at(-1) ?? '') ? 'lets any command run, through the shell' : null
  }
  const open = rest.findIndex(isOpen)
  // What stands behind a script of a language is the script's own; consoles and others take their options anywhere.
  if (open < 0 || (kind === 'language' && saysWhatRuns(interpreter, rest.slice(0, open)))) return null
  return `lets any command run, through ${name}`
}

function saysWhatRuns(interpreter: Interpreter, before: readonly string[]): boolean {
  return before.some(
    (word, index) => !word.startsWith('-') || (isScriptOption(interpreter, word) && index + 1 < before.length),
  )
}

/** BSD's letters, which have no dash, and formats with the whole line. */
function showsArguments(option: string, index: number, options: readonly string[]): boolean {
  if (isOpen(option) || /\b(?:args|cmd|command)\b/.test(option)) return true
  if (/^-[A-Za-z]*o$/.test(options[index - 1] ?? '')) return false
  return /^[A-Za-z]*[auxef][A-Za-z]*$/.test(option) || /^-[A-Za-z]*[fF]/.test(option)
}

function isOpen(word: string): boolean {
  return word.startsWith('*')
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1)
}
