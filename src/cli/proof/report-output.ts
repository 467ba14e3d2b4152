import { Option } from 'commander'
import type { Report } from '../../findings/report.ts'
import { toJunit } from '../../findings/to-junit.ts'
import { toText } from '../../findings/to-text.ts'
import { toJson } from '../command/output.ts'

const RENDER = { text: toText, json: toJson, junit: toJunit } as const satisfies Record<
  string,
  (report: Report) => string
>

export type ReportFormat = keyof typeof RENDER

export function reportOption(): Option {
  return new Option('-o, --output <format>', 'how to print the report').choices(Object.keys(RENDER)).default('text')
}

export function render(report: Report, format: ReportFormat): string {
  return RENDER[format](report)
}
