import { Option } from 'commander'
import { formatResult } from '../../record/queries/format-result.ts'
import { escapedJson } from '../../support/text/escaped-json.ts'

export type Output = 'text' | 'json'

/** `-o json` of the commands that can be read by programs. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text')
}

export function toJson(value: unknown): string {
  return `${escapedJson(value, 2)}\n`
}

/** The same table as query results have. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return formatResult({ columns: titles.map(name => ({ name, type: 'String' })), rows }, 'table')
}
