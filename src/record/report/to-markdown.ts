import type { Block, Difference, Document, Item, Line, Section } from './document.ts'
import { shownLine } from './shown-words.ts'
import { timeText } from './times.ts'

/**
 * The same as Markdown. What others wrote stands in code spans alone, within lists and never at the beginning of a line: no link, picture,
 * tag, table or mention comes out of one, whichever reader of Markdown it is.
 */
export function toMarkdown({ title, about, sections, foot }: Document): string {
  const parts = [
    `# ${line(title)}\n\n${line(about)}\n`,
    ...sections.map(section),
    `---\n\n${foot.map(each => `${line(each)}\n`).join('\n')}`,
  ]
  return parts.join('\n')
}

function section({ title, blocks }: Section): string {
  return [`## ${plain(title)}\n`, ...blocks.map(block)].join('\n')
}

function block(one: Block): string {
  switch (one.kind) {
    case 'figures':
      return `${one.figures.map(({ count, name }) => `**${count}** ${plain(name)}`).join(' · ')}\n`
    case 'facts':
      return one.facts.map(({ name, value }) => `- **${plain(name)}:** ${line(value)}\n`).join('')
    case 'items':
      return one.items.map(item).join('')
    case 'note':
      return `${line(one.line)}\n`
  }
}

function item({ at, mark, line: what, ran, changes, details }: Item): string {
  const head = [
    ...(at === null ? [] : [timeText(at).slice(0, 19)]),
    ...(mark === null ? [] : [`**${plain(mark.word)}**`]),
  ]
  const below = [...ran.map(each => `ran ${code(each)}`), ...changes.map(change), ...details.map(line)]
  return [`- ${[...head, line(what)].join(' ')}\n`, ...below.map(each => `  - ${each}\n`)].join('')
}

function change({ path, kind, before, after, hidden }: Difference): string {
  const was = before === null ? '' : ` was ${code(before)}`
  const is = after === null ? '' : `${before === null ? '' : ','} is ${code(after)}`
  return `${plain(kind)} ${code(path)}${hidden ? ', the value is not shown' : `${was}${is}`}`
}

function line(pieces: Line): string {
  return pieces.map(piece => (typeof piece === 'string' ? plain(piece) : code(piece.said))).join('')
}

/** Our own words; of what could mean something in Markdown nothing does. */
function plain(text: string): string {
  return shownLine(text).replace(/[\\`*_[\]<>|#~&!]/g, '\\$&')
}

/** With a fence that is longer than any within. Empty and blank texts are said to be so, since a span of blanks is none. */
function code(text: string): string {
  const shown = shownLine(text)
  if (shown.trim() === '') return '(empty)'
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}
