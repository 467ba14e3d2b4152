import { printable } from '../support/text/printable.ts'
import type { Checked, Finding, Report } from './report.ts'
import { findingsOf } from './report.ts'

/** For people: each check with what was tried and seen, each finding with what ends it. */
export function toText(report: Report): string {
  const found = findingsOf(report).length
  const end = found === 0 ? 'no finding' : found === 1 ? '1 finding' : `${found} findings`
  return `${printable(report.title)}\n\n${report.checks.map(checkText).join('\n')}\n${end}\n`
}

function checkText({ title, tried, seen, findings }: Checked): string {
  const lines = [
    `${mark(tried, findings)} ${title}`,
    ...tried.map(each => `    tried  ${each}`),
    ...seen.map(each => `    saw    ${each}`),
    ...findings.flatMap(findingLines),
  ]
  return lines.map(line => `${printable(line)}\n`).join('')
}

/** What was not tried has not been shown. */
function mark(tried: Checked['tried'], findings: Checked['findings']): string {
  if (findings.length > 0) return '✗'
  return tried.length === 0 ? '–' : '✓'
}

function findingLines({ severity, what, why, mend }: Finding): readonly string[] {
  return [`  ${severity.toUpperCase()}  ${what}`, `    why    ${why}`, ...mend.split('\n').map(toMend)]
}

function toMend(line: string, index: number): string {
  return `    ${index === 0 ? 'mend ' : '     '}  ${line}`
}
