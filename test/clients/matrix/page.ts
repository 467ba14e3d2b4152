import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CAPABILITIES } from './capabilities.ts'
import { type Result, readResults } from './results.ts'
import { README, readReadme, withSummary } from './summary.ts'

const PAGE = join(import.meta.dirname, '../../../docs/clients.md')
const BETWEEN = /(?<=<!-- results -->\n).*(?=<!-- end of results -->)/s

/** The page with the table of these results in it. */
export function withTable(page: string, results: readonly Result[]): string {
  return page.replace(BETWEEN, () => `\n${toTable(results)}\n`)
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

if (import.meta.main) {
  writeFileSync(PAGE, withTable(readPage(), readResults()))
  writeFileSync(README, withSummary(readReadme(), readResults()))
}
