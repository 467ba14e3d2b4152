import { Command, Option } from 'commander'
import { RESULT_FORMATS, type ResultFormat } from '../../../record/queries/format-result.ts'
import type { QueryRequest } from '../../../record/queries/run-query.ts'
import { type QueryParam, savedQueries } from '../../../record/queries/saved-queries.ts'
import { CliError } from '../../command/cli-error.ts'
import { toJson } from '../../command/output.ts'
import type { Terminal } from '../../command/terminal.ts'
import { followLease } from './follow.ts'
import { parseParams } from './parse-params.ts'
import { askRecord, runQuery } from './query-runner.ts'
import { LEASE_REPORT, printLeaseReport, REPORT_FORMATS, type ReportFormat } from './report.ts'

interface Options {
  readonly param: readonly string[]
  readonly list?: true
  readonly follow?: true
  /** Not given: a table, or Markdown of a report. */
  readonly output?: ResultFormat | ReportFormat
}

export function queryCommand(terminal: Terminal): Command {
  return new Command('query')
    .argument('[name]', 'the question, see --list')
    .argument('[params...]', 'its parameters, as --name value')
    .allowUnknownOption()
    .option(
      '--param <name=value>',
      'a parameter, the other way to write it',
      (one, all) => [...all, one],
      [] as string[],
    )
    .option('--list', 'list the questions, one on each line; with a name: its parameters')
    .option('--follow', 'lease-timeline only: go on and tell what happens, until the lease has ended')
    .addOption(outputOption())
    .action(async (name: string | undefined, words: readonly string[], options: Options) => {
      const { param, list, follow, output } = options
      if (list === true) return terminal.print(listed(name, output))
      if (name === undefined) throw new CliError('usage', 'name a question; there is a list: leasegate query --list')
      if (name === LEASE_REPORT.name && follow !== true) {
        return printLeaseReport(terminal, words, param, reportFormat(output))
      }
      const params = parseParams(words, param)
      if (params.kind === 'problem') throw new CliError('usage', params.message)
      if (follow === true) return followed(terminal, name, params.value)
      return runQuery(terminal, { kind: 'saved', name, params: params.value }, resultFormat(output))
    })
}

function outputOption(): Option {
  const option = new Option('-o, --output <format>', 'how to print it (default: table; of lease-report: md)')
  return option.choices([...RESULT_FORMATS, ...REPORT_FORMATS])
}

function resultFormat(given: Options['output'] = 'table'): ResultFormat {
  const format = RESULT_FORMATS.find(each => each === given)
  if (format === undefined) throw new CliError('usage', `only lease-report is printed as ${given}`)
  return format
}

function reportFormat(given: Options['output'] = 'md'): ReportFormat {
  const format = REPORT_FORMATS.find(each => each === given)
  if (format === undefined) throw new CliError('usage', 'lease-report is a page: -o html or -o md')
  return format
}

function followed(terminal: Terminal, name: string, params: Readonly<Record<string, string>>): Promise<void> {
  if (name !== 'lease-timeline') throw new CliError('usage', 'only lease-timeline can be followed')
  const ask = (request: QueryRequest) => askRecord(terminal, request)
  return followLease({ ask, params, print: terminal.print, stopping: terminal.stopping() })
}

interface Listed {
  readonly name: string
  readonly description: string
  readonly params: readonly Pick<QueryParam, 'name' | 'fallback' | 'doc'>[]
}

function listed(name: string | undefined, output: Options['output']): string {
  const all: readonly Listed[] = [...savedQueries(), LEASE_REPORT].toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  )
  if (name === undefined && output === 'json') return toJson(all.map(toListed))
  if (name === undefined) {
    const width = Math.max(...all.map(query => query.name.length))
    return all.map(query => `${query.name.padEnd(width)}   ${query.description}\n`).join('')
  }
  const query = all.find(one => one.name === name)
  if (query === undefined)
    throw new CliError('usage', 'there is no query of this name; there is a list: leasegate query --list')
  return output === 'json' ? toJson(toListed(query)) : describe(query)
}

function toListed({ name, description, params }: Listed): Listed {
  return { name, description, params: params.map(({ name: param, fallback, doc }) => ({ name: param, fallback, doc })) }
}

function describe({ name, description, params }: Listed): string {
  const lines = params.map(({ name: param, fallback, doc }) => {
    const preset = fallback === null ? '' : ` (default: ${fallback === '' ? 'any' : fallback})`
    return `    --${param}  ${doc}${preset}\n`
  })
  return `${name}\n  ${description}\n${lines.join('')}`
}
