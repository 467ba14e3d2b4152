import { Option } from 'commander'
import { formatResult } from '../record/queries/format-result.ts'

export type Output = 'text' | 'json'

/** `-o json` of the commands that can be read by programs. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text')
}

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** The same table as query results have. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return formatResult({ columns: titles.map(name => ({ name, type: 'String' })), rows }, 'table')
}

/** `14m`, `2h5m`, `30s`, or `ended`. */
export function timeLeft(until: number, now: number): string {
  const seconds = Math.floor((until - now) / 1000)
  if (seconds <= 0) return 'ended'
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return minutes === 0 ? `${hours}h` : `${hours}h${minutes}m`
  return minutes > 0 ? `${minutes}m` : `${seconds}s`
}
