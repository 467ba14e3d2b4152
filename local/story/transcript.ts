/** What the story shows: the terminal of `npm start`, or nobody in a test. */
export interface Transcript {
  readonly chapter: (title: string) => void
  readonly command: (who: string, line: string) => void
  readonly output: (text: string) => void
  readonly verdict: (ok: boolean, says: string) => void
}

const MAX_LINES = 80
/** Where the output is no terminal. */
const WIDTH = 200

/** Plain lines; colour only where a terminal reads them. */
export function terminalTranscript(out: NodeJS.WriteStream): Transcript {
  const paint = (code: number, text: string) => (out.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text)
  const line = (text: string) => out.write(`${text}\n`)
  return {
    chapter: title => line(`\n${paint(1, title)}`),
    command: (who, command) => line(`  ${paint(36, `${who} $`)} ${command}`),
    output: text => {
      const lines = text
        .trimEnd()
        .split('\n')
        .filter(each => each.trim() !== '')
      const width = (out.columns ?? WIDTH) - 5
      for (const each of lines.slice(0, MAX_LINES)) line(`    ${cut(each, width)}`)
      if (lines.length > MAX_LINES) line(paint(2, `    … ${lines.length - MAX_LINES} more lines`))
    },
    verdict: (ok, says) => line(`  ${ok ? paint(32, '✓') : paint(31, '✗')} ${says}`),
  }
}

/** Tables are cut, sentences are not: they are what the agent has to read. */
function cut(text: string, width: number): string {
  return text.length <= width || !/ {3}/.test(text.trimStart()) ? text : `${text.slice(0, width - 1)}…`
}

export const silentTranscript: Transcript = {
  chapter: () => undefined,
  command: () => undefined,
  output: () => undefined,
  verdict: () => undefined,
}
