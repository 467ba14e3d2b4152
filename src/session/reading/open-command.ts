/** Of what is kept of words behind `<<`: a shell that is asked for more of them has our pity. */
const MOST_HEREDOCS = 16
const HEREDOC = /<<(?<tabs>-?)[ \t]*(?:'(?<single>[^']+)'|"(?<double>[^"]+)"|\\?(?<bare>[\w.@%+-]+))/y

interface Heredoc {
  readonly word: string
  readonly tabs: boolean
}

/**
 * Whether a shell goes on reading behind the lines of a command: within quotes, brackets and here-documents, and behind a backslash. In doubt
 * it does: what is taken for the rest of a command is shown to nobody.
 */
export class OpenCommand {
  #quote = ''
  #brackets = 0
  #heredocs: Heredoc[] = []
  #escapes = false

  get isOpen(): boolean {
    return this.#quote !== '' || this.#brackets > 0 || this.#heredocs.length > 0 || this.#escapes
  }

  over(): void {
    this.#quote = ''
    this.#brackets = 0
    this.#heredocs = []
    this.#escapes = false
  }

  add(line: string): void {
    this.#escapes = false
    // Behind quotes that go over lines here-documents begin later: until then their lines are read as words.
    const [heredoc] = this.#heredocs
    if (heredoc !== undefined && this.#quote === '') {
      if ((heredoc.tabs ? line.replace(/^\t+/, '') : line).trim() === heredoc.word) this.#heredocs.shift()
      return
    }
    for (let at = 0; at < line.length; at += 1) {
      if (line[at] === '#' && this.#quote === '' && /^$|[\s;&|(]/.test(line[at - 1] ?? '')) return
      at = this.#next(line, at)
    }
  }

  /** The last character of what was read. */
  #next(line: string, at: number): number {
    const character = line[at] ?? ''
    if (character === '\\' && this.#quote !== "'") {
      this.#escapes = at === line.length - 1
      return at + 1
    }
    if (this.#quote !== '') {
      if (character === this.#quote) this.#quote = ''
    } else if (character === "'" || character === '"' || character === '`') this.#quote = character
    else if (character === '(') this.#brackets += 1
    else if (character === ')') this.#brackets = Math.max(0, this.#brackets - 1)
    else if (character === '<') return this.#heredoc(line, at)
    return at
  }

  #heredoc(line: string, at: number): number {
    // A here-string: its word stands on the line.
    if (line.startsWith('<<<', at)) return at + 2
    HEREDOC.lastIndex = at
    const found = HEREDOC.exec(line)
    if (found === null) return at
    const { tabs, single, double, bare } = found.groups ?? {}
    if (this.#heredocs.length < MOST_HEREDOCS)
      this.#heredocs.push({ word: single ?? double ?? bare ?? '', tabs: tabs === '-' })
    return at + found[0].length - 1
  }
}

const ZSH =
  'then|else|elif|if|for|while|until|do|case|select|repeat|foreach|function|cursh|subsh|cmdand|cmdor|pipe|errpipe|quote|dquote|bquote|cmdsubst|mathsubst|math|cond|array|always|brace|braceparam|heredocd?'
/** Bare, as of sh and bash; of zsh, which says within what; of `mysql` and `psql`, whose last character says it. */
const GOES_ON = new RegExp(`^\\s*(?:(?:(?:${ZSH})[ -]?)+)?>\\s?$|[-'"\`(*$^][>#]\\s?$`)

/** Whether this is how shells and their kind ask for the rest of a command. */
export function asksForMore(prompt: string): boolean {
  return GOES_ON.test(prompt)
}
