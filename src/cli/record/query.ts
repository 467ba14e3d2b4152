import { Command } from 'commander'
import type { ResultFormat } from '../../record/queries/format-result.ts'
import { type SavedQuery, savedQueries } from '../../record/queries/saved-queries.ts'
import { CliError } from '../cli-error.ts'
import type { Terminal } from '../terminal.ts'
import { formatOption } from './format-option.ts'
import { parseParams } from './parse-params.ts'
import { runQuery } from './query-runner.ts'

interface Options {
  readonly param: readonly string[]
  readonly list?: true
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
    .option('--list', 'list the questions and their parameters')
    .addOption(formatOption())
    .action(async (name: string | undefined, words: readonly string[], { param, list, output }: Options) => {
      if (list === true) return terminal.print(savedQueries().map(describe).join('\n'))
      if (name === undefined) throw new CliError('usage', 'name a question; there is a list: leasegate query --list')
      const params = parseParams(words, param)
      if (params.kind === 'problem') throw new CliError('usage', params.message)
      return runQuery(terminal, { kind: 'saved', name, params: params.value }, output)
    })
}

function describe({ name, description, params }: SavedQuery): string {
  const lines = params.map(({ name: param, fallback, doc }) => {
    const preset = fallback === null ? '' : ` (default: ${fallback === '' ? 'any' : fallback})`
    return `    --${param}  ${doc}${preset}\n`
  })
  return `${name}\n  ${description}\n${lines.join('')}`
}
