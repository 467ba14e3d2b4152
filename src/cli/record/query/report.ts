import { toLeaseDocument } from '../../../record/report/lease/lease-document.ts'
import { askLeaseReport } from '../../../record/report/lease/lease-report.ts'
import { toHtml } from '../../../record/report/to-html.ts'
import { toMarkdown } from '../../../record/report/to-markdown.ts'
import { printable } from '../../../support/text/printable.ts'
import { systemClock } from '../../../support/time/clock.ts'
import { CliError } from '../../command/cli-error.ts'
import type { Terminal } from '../../command/terminal.ts'
import { parseParams } from './parse-params.ts'
import { askRecord } from './query-runner.ts'

export const REPORT_FORMATS = ['html', 'md'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** Made of several saved queries, and not one itself: what it prints is a page. */
export const LEASE_REPORT = {
  name: 'lease-report',
  description: 'One lease as a page to send: what was done, changed, asked and refused. -o html or md.',
  params: [{ name: 'lease', fallback: null, doc: "the lease's id; its name may be left out" }],
} as const

/** `words` as they stand behind the name: an id, or `--lease` and an id. */
export async function printLeaseReport(
  terminal: Terminal,
  words: readonly string[],
  pairs: readonly string[],
  format: ReportFormat,
): Promise<void> {
  const lease = leaseOf(words, pairs)
  const report = await askLeaseReport(request => askRecord(terminal, request), lease)
  if (report === null) throw new CliError('refused', `no lease ${printable(lease)} is on record`)
  const document = toLeaseDocument(report, systemClock())
  terminal.print(format === 'html' ? toHtml(document) : toMarkdown(document))
}

function leaseOf(words: readonly string[], pairs: readonly string[]): string {
  const [first = '', ...rest] = words
  const isAlone = first !== '' && !first.startsWith('-') && !first.includes('=')
  const params = parseParams(isAlone ? [`--lease=${first}`, ...rest] : words, pairs)
  if (params.kind === 'problem') throw new CliError('usage', params.message)
  const { lease, ...others } = params.value
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new CliError('usage', `there is no parameter ${unknown}; there is lease`)
  if (lease === undefined) throw new CliError('usage', 'name the lease: leasegate query lease-report lse_… -o html')
  return lease
}
