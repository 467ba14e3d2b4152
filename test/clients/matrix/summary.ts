import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from './results.ts'

export const README = join(import.meta.dirname, '../../../README.md')
const BETWEEN = /(?<=<!-- clients -->\n).*(?=<!-- end of clients -->)/s

/** No line of the README is longer. */
const WIDTH = 120
/** So many things are not named one by one. */
const MANY = 2

export function readReadme(): string {
  return readFileSync(README, 'utf8')
}

/** The README with a row for each client in it, all versions of one and the same as one. */
export function withSummary(readme: string, results: readonly Result[]): string {
  const rows = Map.groupBy(results, ({ title, saw }) => `${title} ${JSON.stringify(saw)}`)
  const lines = [...rows.values()].map(toRow)
  return readme.replace(
    BETWEEN,
    () =>
      `${['| client | works | does not, and why ([all](docs/clients.md)) |', '|---|---|---|', ...lines].join('\n')}\n`,
  )
}

function toRow(same: readonly Result[]): string {
  const [{ title, saw }] = same as readonly [Result, ...Result[]]
  const seen = Object.entries(saw)
  const works = seen.filter(([, how]) => how === 'works').length
  const row = (why: string) => `| ${title} ${versions(same)} | ${works} of ${seen.length} | ${why} |`
  return firstThatFits([...reasons(seen), `${seen.length - works} things`], why => row(why).length <= WIDTH, row)
}

function versions(same: readonly Result[]): string {
  const all = same.map(({ version }) => version).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return all.length === 1 ? `${all[0]}` : `${all[0]} to ${all.at(-1)}`
}

/** All reasons, what has one together: `gzip: it unpacks by itself`. Long lists as their number. */
function reasons(seen: readonly (readonly [string, string])[]): readonly string[] {
  const not = seen.filter(([, how]) => how !== 'works').map(([what, how]) => ({ what, why: how.replace(/^\w+: /, '') }))
  const all = [...Map.groupBy(not, ({ why }) => why)].map(([why, of]) => ({ why, of: of.map(({ what }) => what) }))
  return [
    all.map(({ why, of }) => `${of.join(' and ')}: ${why}`).join('; '),
    all.map(({ why, of }) => `${few(of)}: ${why}`).join('; '),
    all.map(({ why, of }) => (of.length > MANY ? `${few(of)}: ${why}` : few(of))).join('; '),
  ]
}

function few(of: readonly string[]): string {
  return of.length > MANY ? `${of.length} things` : of.join(' and ')
}

function firstThatFits(
  texts: readonly string[],
  fits: (text: string) => boolean,
  row: (text: string) => string,
): string {
  return row(texts.find(fits) ?? '')
}
