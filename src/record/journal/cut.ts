/** What entries and rows keep of a text, in characters; longer ones say how much is missing. */
export const KEPT = { word: 512, path: 2048, text: 4096, command: 4096 } as const

const MARK = /\[cut, (\d+) more\]$/

/** The text, or its beginning with a mark that says how much there was more. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const marked = MARK.exec(text)
  // A mark that stands there already is all that exceeds the limit, or is counted with the rest.
  const whole = marked === null ? text : text.slice(0, marked.index)
  const before = Number(marked?.[1] ?? 0)
  return whole.length <= limit ? text : `${whole.slice(0, limit)}${mark(whole.length - limit + before)}`
}

/** Cut first, so that nobody's time is taken by what is not kept, and then masked. Half a word at the end, perhaps of a credential, goes too. */
export function cutAndMask(text: string, limit: number, mask: (text: string) => string): string {
  if (text.length <= limit) return mask(text)
  const kept = withoutHalfWord(text.slice(0, limit))
  return `${mask(kept)}${mark(text.length - kept.length)}`
}

/** The arguments that fit, the last of them perhaps in part, and how much of them is missing. */
export interface CutCommand {
  readonly argv: readonly string[]
  /** Characters of the last argument that were left out. */
  readonly characters: number
  /** Arguments that were left out. */
  readonly arguments: number
}

/** An argument costs a few characters by itself. */
const OF_AN_ARGUMENT = 3

export function cutCommand(command: readonly string[], limit: number): CutCommand {
  const argv: string[] = []
  let left = limit
  for (const argument of command) {
    if (left <= 0) break
    const kept = argument.length <= left ? argument : withoutHalfWord(argument.slice(0, left))
    argv.push(kept)
    left -= argument.length + OF_AN_ARGUMENT
    if (kept !== argument)
      return { argv, characters: argument.length - kept.length, arguments: command.length - argv.length }
  }
  return { argv, characters: 0, arguments: command.length - argv.length }
}

/** With marks in the place of what is missing. */
export function marked(argv: readonly string[], { characters, arguments: more }: CutCommand): readonly string[] {
  const last = argv.at(-1)
  const whole = characters === 0 || last === undefined ? argv : [...argv.slice(0, -1), `${last}${mark(characters)}`]
  return more === 0 ? whole : [...whole, `[cut, ${more} more arguments]`]
}

function mark(characters: number): string {
  return `[cut, ${characters} more]`
}

function withoutHalfWord(text: string): string {
  let to = text.length
  while (to > 0 && text.length - to < 64 && /[\w+/=.~-]/.test(text[to - 1] ?? '')) to -= 1
  return text.slice(0, to)
}
