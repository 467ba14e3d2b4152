const INTERPRETER = /^(?:[a-z]*sh|python[\d.]*|perl|node|php[\d.]*|ruby|lua|deno|bun|Rscript|tclsh)$/
/** Run what they are given, as somebody else, later, or somewhere. */
const WRAPPER =
  /^(?:sudo|doas|su|env|nohup|time|exec|nice|ionice|xargs|timeout|command|busybox|chroot|stdbuf|setsid|unshare|nsenter|parallel|watch|flock)$/
const OPTION = /^-/
const SETTING = /^(?:\w+=|\d)/
/** Of words, and of characters in them: who hides a program further behind hides it from nobody. */
const MOST_WORDS = 16

/** A script that is what a command says, or what a variable holds: `sh -c "$(curl x)"`, `source <(curl x)`, `sh -c "$X"`. */
const SUBSTITUTED =
  /(?:^|[\s;&|({])(?:\S{0,64}\/)?(?:(?:a|ba|da|z|k|fi|c|tc|mk)?sh|python[\d.]{0,8}|perl|node|php|ruby|lua|source|\.)\s{1,8}(?:-\S{0,32}\s{1,8}){0,6}["']?(?:\$\(|`|<\(|\$\{?!?\w{1,64}\}?(?:["'\s]|$))/

const DOWNLOADS = /(?:^|[\s/(])(?:curl|wget|aria2c|axel|ftpget|tftp|scp|sftp|fetch|lwp-download)\s/
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
  if (piped.some(runsItsInput) || SUBSTITUTED.test(joined) || INSTALLS.test(joined)) return true
  return ASKS_AND_RUNS.every(pattern => pattern.test(joined)) || runsDownloads(joined.split(/[|;&\n]+/))
}

/** What stands behind a pipe. */
function runsItsInput(command: string): boolean {
  return INTERPRETER.test(programOf(command))
}

function runsDownloads(commands: readonly string[]): boolean {
  const from = commands.findIndex(command => DOWNLOADS.test(command))
  if (from === -1) return false
  return commands
    .slice(from + 1)
    .some(command => MADE_TO_RUN.test(command) || OF_A_FILE.test(command) || runsFile(command))
}

/** `sh /tmp/x`, where the script is no argument. */
function runsFile(command: string): boolean {
  return INTERPRETER.test(programOf(command)) && !/\s-\w{0,8}[ceE]\b/.test(command)
}

/** The name of what runs in the end, behind `sudo -u x`, `env A=b`, `(` and the like. */
function programOf(command: string): string {
  const words = command
    .slice(0, 2048)
    .replace(/^[\s&({!]+/, '')
    .split(/\s+/, MOST_WORDS)
  let [isWrapped, isBehindOption] = [false, false]
  for (const word of words) {
    const name = word.slice(word.lastIndexOf('/') + 1).replace(/[)}"';]+$/, '')
    if (WRAPPER.test(name)) isWrapped = true
    else if (OPTION.test(word)) isBehindOption = true
    else if (isWrapped && (SETTING.test(word) || (isBehindOption && !INTERPRETER.test(name)))) isBehindOption = false
    else return name
  }
  return ''
}
