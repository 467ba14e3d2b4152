import { isConsole, runsWhatItIsGiven } from './interpreters.ts'
import { programOf } from './programs.ts'
import { unquote } from './shell-words.ts'

/** Where a text that is given to something runs, whatever it is called with: `os.system(`, `execSync(`, `sys_exec(`. */
const CALL = String.raw`\b\w{0,32}(?:system|exec|spawn|popen|eval|shell)\w{0,32}[ \t]{0,8}\(`
/** The same by a name that says so alone; `kubectl exec` and `kube-system` do not. */
const NAME = String.raw`(?<![\w/:-])(?:system|popen\d?|subprocess|child_process|passthru|proc_open|exec(?:[vl]|Sync|File)\w{0,8}|spawn\w{0,8}|xp_cmdshell|eval|qx|getattr|globals|__import__)(?![\w/:-])`
/** In Ruby and Perl, with no brackets. */
const BARE = String.raw`(?:^|[\n;|&{}])[ \t]{0,8}exec[ \t]{1,8}(?:["'$@]|\w{1,64}[[.])`
/** Something that the text does not name is called: `x["a"](`, `f()(`, `$f(`. */
const COMPUTED = String.raw`[\])}]\(|\$\w{1,64}\(|->\(|%x\W|\bdo[ \t]{0,8}\(|\bimport\b[^\n;]{0,200}(?:system|exec|spawn)`
/** Where a shell waits for a command. */
const BEFORE = String.raw`^|[\n;|&\`]|\$\(|\b(?:do|then|else|(?:sudo|env|nohup|nice|time|timeout|command)(?:[ \t]{1,8}[\w=./-]{1,64}){0,3})[ \t]`
/** A variable of a shell there, and any use of one that is called `value`. */
const VARIABLE = String.raw`(?:${BEFORE})[ \t]{0,8}\\{0,4}["']?\\{0,4}\$(?:\{[^\s}]{1,64}\}|[\w@*])[^\s=]{0,64}(?![^\s=]|[ \t]{0,8}(?:=|[.+*/-]=))|\$[({]?!?value\b`

/** In a shell, a name of a program that means something else from then on. */
const RENAMED = String.raw`(?:^|[\n;|&])[ \t]{0,8}(?:function[ \t]{1,8}[\w-]{1,64}[ \t]{0,8}(?:\(\))?|[\w-]{1,64}[ \t]{0,8}\(\))[ \t\n]{0,8}[{(]|\balias[ \t]{1,8}[\w-]{1,64}=|\bhash[ \t]{1,8}-p|(?<![\w$])(?:PATH|BASH_ENV|ENV|LD_PRELOAD|KUBECTL_\w{1,32})=`

const RUNS = new RegExp([CALL, NAME, BARE, COMPUTED, VARIABLE, RENAMED].join('|'))

/** Whether something in it may run a text that it is given: what stands in such a text as a value may be what runs. */
export function mayRunTexts(text: string): boolean {
  return RUNS.test(text)
}

/** `token=system("x")`: no value, but what runs. */
const RUNS_HERE = new RegExp(
  String.raw`(?:[\w$]{1,32}(?:\.|->|::)){0,4}(?:${CALL}|do[ \t]{0,8}[(\\"'$]|(?:qx[ \t]{0,8}|%x)[({[</|!"'\\]|(?:system|exec|eval)[ \t]{1,8}\\{0,4}["'$@])`,
  'y',
)

export function runsAt(text: string, at: number): boolean {
  RUNS_HERE.lastIndex = at
  return RUNS_HERE.test(text)
}

const RUN_NAME = new RegExp(
  String.raw`(?:${CALL}[ \t]{0,8}|\b(?:do|qx)[ \t]{0,8}\([ \t]{0,8}|(?:\beval[ \t]|sh[ \t]{1,8}-\w{0,8}c[ \t]|^|[\n;|&\`]|\$\()[ \t]{0,8}(?=\\{0,4}["']?\\{0,4}\$))\\{0,4}["']?\\{0,4}\$?\{?!?(\w{1,64})(?![\w[]|[ \t]{0,8}(?:=|->|[.+*/-]=))`,
  'g',
)

/** Of variables whose text runs: `$x -rf /`, `eval "$x"`, `system(x)`. */
export function namesThatRun(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(RUN_NAME), ([, name = '']) => name))
}

/** Whether a program in it runs what it reads, from a pipe, a here document or a file that was written before. */
export function runsWhatItReads(text: string): boolean {
  return /[|<>]/.test(text) && text.split(/[|;&\n`()]+/).some(runsItsInput)
}

/** Run files, which may have been written before. */
const RUNS_FILES = /^(?:source|chmod|make|ansible-playbook)$/
/** What stands behind them and before `--` are names: `kubectl -n mysql apply`. */
const NAMES_OBJECTS = /^(?:kubectl|oc|helm)$/

function runsItsInput(command: string): boolean {
  const words = command
    .trim()
    .split(/[ \t<>]+/)
    .map(word => unquote(word).bare)
  if (words[0] === '.') return true
  let namesObjects = false
  for (const [index, word] of words.entries()) {
    const program = programOf(word)
    if (word === '--') namesObjects = false
    else if (NAMES_OBJECTS.test(program)) namesObjects = true
    else if (namesObjects && isConsole(program)) continue
    else if (RUNS_FILES.test(program) || runsWhatItIsGiven(program, words.slice(index + 1, index + 17))) return true
  }
  return false
}
