import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ByHand, readByHand } from '../kubectl/by-hand.ts'
import { CAPABILITIES } from './capabilities.ts'
import { type Result, readResults } from './results.ts'

const PAGE = join(import.meta.dirname, '../../../docs/clients.md')
const BETWEEN = /(?<=<!-- results -->\n).*(?=<!-- end of results -->)/s

const BY_HAND = /(?<=<!-- by hand -->\n).*(?=<!-- end of by hand -->)/s

const BY_HAND_SAYS = `Each of these ends as it does directly, in this order (\`test/clients/kubectl/by-hand\`). \`debug\` (an ephemeral container) is refused unless a
template names it; \`auth can-i\` says yes with a warning for what waits for a human, and no for \`*\`; \`top\` finds no metrics server here, and says so itself.`

/** The page with the table of these results in it, and what was done by hand. */
export function withResults(page: string, results: readonly Result[], byHand: readonly ByHand[]): string {
  return page.replace(BETWEEN, () => `\n${toTable(results)}\n`).replace(BY_HAND, () => toSection(byHand))
}

export function readPage(): string {
  return readFileSync(PAGE, 'utf8')
}

/** A column a client, and below it the reasons, numbered as they come. */
function toTable(results: readonly Result[]): string {
  const notes: string[] = []
  const cell = (seen = 'fails') => {
    const [, kind = seen, why] = /^(\w+): (.*)$/.exec(seen) ?? []
    if (why === undefined) return kind === 'works' ? '✓' : kind
    if (!notes.includes(why)) notes.push(why)
    return `${kind === 'none' ? '–' : 'differs'} (${notes.indexOf(why) + 1})`
  }
  const head = ['', ...results.map(({ title, version }) => `${title} ${version}`)]
  const rows = CAPABILITIES.map(capability => [capability, ...results.map(({ saw }) => cell(saw[capability]))])
  const lines = [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)
  return [...lines, '', ...notes.map((note, index) => `${index + 1}. ${note}`), ''].join('\n')
}

/** A section of the page; versions that did the same are told of together. */
function toSection(byHand: readonly ByHand[]): string {
  if (byHand.length === 0) return ''
  const versions = Map.groupBy(byHand, ({ same }) => same.map(line => `\`${line}\``).join(' · '))
  const lines = [...versions].map(([same, rows]) => `* ${rows.map(({ version }) => version).join(', ')}: ${same}`)
  return `\n## kubectl by hand\n\n${BY_HAND_SAYS}\n\n${lines.join('\n')}\n\n`
}

if (import.meta.main) writeFileSync(PAGE, withResults(readPage(), readResults(), readByHand()))
