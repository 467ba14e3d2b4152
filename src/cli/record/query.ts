import { Command } from 'commander'
import type { ResultFormat } from '../../record/queries/format-result.ts'
import type { QueryRequest } from '../../record/queries/run-query.ts'
import { type SavedQuery, savedQueries } from '../../record/queries/saved-queries.ts'
import { CliError } from '../cli-error.ts'
import type { Terminal } from '../terminal.ts'
import { followLease } from './follow.ts'
import { formatOption } from './format-option.ts'
import { parseParams } from './parse-params.ts'
import { askRecord, runQuery } from './query-runner.ts'

interface Options {
  readonly param: readonly string[]
  readonly list?: true
  readonly follow?: true
  readonly output: ResultFormat
}

export function queryCommand(terminal: Terminal): Command {
  return new Command('query')
    .description('ask the record a saved question, such as: query lease-timeline --lease ID')
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
    .addOption(formatOption())
    .action(async (name: string | undefined, words: readonly string[], options: Options) => {
      const { param, list, follow, output } = options
      if (list === true) return terminal.print(listed(name))
      if (name === undefined) throw new CliError('usage', 'name a question; there is a list: leasegate query --list')
      const params = parseParams(words, param)
      if (params.kind === 'problem') throw new CliError('usage', params.message)
      if (follow === true) return followed(terminal, name, params.value)
      return runQuery(terminal, { kind: 'saved', name, params: params.value }, output)
    })
}

function followed(terminal: Terminal, name: string, params: Readonly<Record<string, string>>): Promise<void> {
  if (name !== 'lease-timeline') throw new CliError('usage', 'only lease-timeline can be followed')
  const ask = (request: QueryRequest) => askRecord(terminal, request)
  return followLease({ ask, params, print: terminal.print, stopping: terminal.stopping() })
}

function listed(name: string | undefined): string {
  const all = savedQueries()
  if (name === undefined) {
    const width = Math.max(...all.map(query => query.name.length))
    return all.map(query => `${query.name.padEnd(width)}   ${query.description}\n`).join('')
  }
  const query = all.find(one => one.name === name)
  if (query === undefined)
    throw new CliError('usage', 'there is no query of this name; there is a list: leasegate query --list')
  return describe(query)
}

function describe({ name, description, params }: SavedQuery): string {
  const lines = params.map(({ name: param, fallback, doc }) => {
    const preset = fallback === null ? '' : ` (default: ${fallback === '' ? 'any' : fallback})`
    return `    --${param}  ${doc}${preset}\n`
  })
  return `${name}\n  ${description}\n${lines.join('')}`
}
