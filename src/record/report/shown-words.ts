import { shown } from '../../support/text/shown-text.ts'

/** What others wrote, in one line, with everything in sight: no control, no mark that turns the direction round, no letter that poses as another. */
export function shownLine(text: string): string {
  return shown(text.replace(/\r\n?|\n/g, ' ⏎ ').replaceAll('\t', ' '))
}

/** The same with its lines kept. */
export function shownLines(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  return lines.map(line => shown(line.replaceAll('\t', '    '))).join('\n')
}
