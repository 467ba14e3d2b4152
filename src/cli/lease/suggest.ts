import { Command } from 'commander'
import { z } from 'zod'
import { LEASE } from '../../identity/token/lease-claims.ts'
import { suggestRules } from '../../policy/suggest/suggest-rules.ts'
import type { Use } from '../../policy/suggest/use.ts'
import type { QueryResult } from '../../record/queries/run-query.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { askRecord } from '../record/query/query-runner.ts'

const MOST = 10_000

interface Options {
  readonly template?: string
  readonly since: string
  readonly output: string
}

export function suggestCommand(terminal: Terminal): Command {
  return new Command('suggest')
    .description(
      'make the smallest rules that would have allowed what was done, from the record: of one lease or a template',
    )
    .argument('[lease]', 'the lease')
    .option('--template <name>', 'all leases of this task template instead')
    .option('--since <duration>', 'how far back', '30d')
    .addOption(outputOption())
    .action(async (lease: string | undefined, { template, since, output }: Options) => {
      if ((lease === undefined) === (template === undefined))
        throw new CliError('usage', 'of what? leasegate lease suggest lse_…, or --template NAME')
      const params = { since, lease: lease ?? '', template: template ?? '', most: String(MOST) }
      const uses = toUses(await askRecord(terminal, { kind: 'saved', name: 'used-scope', params }))
      if (uses.length === 0)
        throw new CliError('refused', 'nothing that a rule of it allowed is on record in that time')
      const suggestion = suggestRules(uses)
      const isCut = uses.length === MOST
      if (isCut)
        terminal.note(`leasegate: only the first ${MOST} kinds of request were read; choose a shorter --since\n`)
      if (output === 'json') return terminal.print(toJson(suggestion))
      const { toPolicyYaml } = await import('./policy-yaml.ts')
      terminal.print(toPolicyYaml(suggestion, uses, template))
    })
}

const ROW = z.object({
  verb: z.string(),
  api_group: z.string(),
  resource: z.string(),
  namespace: z.string(),
  name: z.string(),
  url: z.string(),
  command: z.array(z.string()),
  stdin: z.boolean(),
  rules: z.array(z.string().transform(text => LEASE.shape.scope.unwrap().element.parse(JSON.parse(text)))),
  rule_verbs: z.array(z.array(z.string())),
  requests: z.coerce.number(),
  parameters: z
    .string()
    .transform(text => z.record(z.string(), z.string()).parse(JSON.parse(text === '' ? '{}' : text))),
})

/** Rows of `used-scope`. */
export function toUses({ columns, rows }: QueryResult): readonly Use[] {
  return rows.map(row => {
    const read = ROW.parse(Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])))
    const verbsOf = (at: number) => (read.rule_verbs[at] ?? []).filter(verb => verb !== '')
    return { ...read, apiGroup: read.api_group, covered: read.rules.map((rule, at) => ({ rule, verbs: verbsOf(at) })) }
  })
}
