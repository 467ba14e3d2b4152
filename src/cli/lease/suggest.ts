import { Command } from 'commander'
import { Document, isMap, isSeq, visit } from 'yaml'
import { z } from 'zod'
import { LEASE } from '../../identity/token/lease-claims.ts'
import type { TemplateRule } from '../../policy/policy.ts'
import { type Suggestion, suggestRules, type Use } from '../../policy/suggest/suggest-rules.ts'
import type { QueryResult } from '../../record/queries/run-query.ts'
import { CliError } from '../cli-error.ts'
import { outputOption, toJson } from '../output.ts'
import { askRecord } from '../record/query-runner.ts'
import type { Terminal } from '../terminal.ts'

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
      terminal.print(output === 'json' ? toJson(suggestion) : toYaml(suggestion, uses, template))
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
})

function toUses({ columns, rows }: QueryResult): readonly Use[] {
  return rows.map(row => {
    const read = ROW.parse(Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])))
    const verbsOf = (at: number) => (read.rule_verbs[at] ?? []).filter(verb => verb !== '')
    return { ...read, apiGroup: read.api_group, covered: read.rules.map((rule, at) => ({ rule, verbs: verbsOf(at) })) }
  })
}

/** To be pasted into a policy file: one line a rule, and what is empty left out, as people write them. */
function toYaml({ rules, namespaces, notes }: Suggestion, uses: readonly Use[], template: string | undefined): string {
  const requests = uses.reduce((sum, use) => sum + use.requests, 0)
  const unused = template === undefined ? '' : `; what nobody used: leasegate query unused-scope --template ${template}`
  const document = new Document({ namespaces, rules: rules.map(asWritten) })
  visit(document, {
    Collection: (key, node) => {
      if (key === null || (isSeq(node) && node.items.some(isMap))) return
      node.flow = true
    },
  })
  const comments = [`${requests} requests, ${uses.length} kinds${unused}`, ...notes]
  return `${comments.map(line => `# ${line}\n`).join('')}${document.toString({ lineWidth: 0 })}`
}

function asWritten({ scope, ...rule }: TemplateRule): object {
  const said = Object.entries(rule).filter(
    ([, value]) => value !== false && !(Array.isArray(value) && value.length === 0),
  )
  return { ...(scope === 'cluster' && { scope }), ...Object.fromEntries(said) }
}
