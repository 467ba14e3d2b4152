import { Command } from 'commander'
import { z } from 'zod'
import type { Policy } from '../../policy/policy.ts'
import { type Group, type Summary, summarize } from '../../policy/replay/groups.ts'
import type { Recorded } from '../../policy/replay/recorded.ts'
import { type Lacking, replay } from '../../policy/replay/replay.ts'
import type { QueryResult } from '../../record/queries/run-query.ts'
import { CliError } from '../cli-error.ts'
import { outputOption, table, toJson } from '../output.ts'
import { askRecord } from '../record/query-runner.ts'
import type { Terminal } from '../terminal.ts'
import { readPolicy } from './read-policy.ts'

const MOST = 20_000

interface Options {
  readonly template?: string
  readonly since: string
  readonly output: string
}

export function replayCommand(terminal: Terminal): Command {
  return new Command('replay')
    .description(
      'run a changed policy over the requests on record, and say which it would allow, deny or ask about otherwise than was decided',
    )
    .argument('<file>', 'the changed policy file')
    .option('--since <duration>', 'how far back', '7d')
    .option('--template <name>', 'requests under leases of this task template alone')
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nexit code 0: nothing that can be told is decided otherwise; 1: something is; 2: wrong options or file; 3: no record\n' +
        '\nexample: leasegate policy replay --since 30d policy-next.yaml',
    )
    .action(async (file: string, { template = '', since, output }: Options) => {
      const policy = await readPolicy(file)
      const params = { since, template, most: String(MOST) }
      const rows = toRecorded(await askRecord(terminal, { kind: 'saved', name: 'replay', params }))
      if (rows.length === MOST)
        terminal.note(
          `leasegate: only the ${MOST} most frequent kinds of request were read; choose a shorter --since\n`,
        )
      const summary = replayAll(policy, rows)
      terminal.print(output === 'json' ? toJson({ ...summary, whole: rows.length < MOST }) : describe(summary))
      if (summary.other > 0)
        throw new CliError('refused', `${count(summary.other)} would be decided otherwise under ${file}`)
    })
}

function replayAll(policy: Policy, rows: readonly Recorded[]): Summary {
  return summarize(rows.map(row => ({ row, of: replay(policy, row) })))
}

const ROW = z
  .object({
    agent: z.string(),
    template: z.string(),
    ticket: z.string(),
    namespaces: z.array(z.string()),
    parameters: z
      .string()
      .transform(text => (text === '' ? null : z.record(z.string(), z.string()).parse(JSON.parse(text)))),
    narrowed: z.coerce.boolean(),
    method: z.string(),
    path: z.string(),
    is_resource: z.boolean(),
    verb: z.string(),
    api_group: z.string(),
    resource: z.string(),
    subresource: z.string(),
    namespace: z.string(),
    name: z.string(),
    field_selector: z.string(),
    label_selector: z.string(),
    command: z.array(z.string()),
    stdin: z.boolean(),
    ports: z.string(),
    force: z.boolean(),
    source: z.string(),
    decision: z.enum(['allow', 'deny', 'pending']),
    reason: z.string(),
    rule: z.string(),
    risk: z.string(),
    asked: z.coerce.boolean(),
    requests: z.coerce.number(),
    examples: z.array(z.string()),
  })
  .transform(
    ({
      is_resource: isResource,
      api_group: apiGroup,
      field_selector: fieldSelector,
      label_selector,
      ...rest
    }): Recorded => ({
      ...rest,
      isResource,
      apiGroup,
      fieldSelector,
      labelSelector: label_selector,
    }),
  )

function toRecorded({ columns, rows }: QueryResult): readonly Recorded[] {
  return rows.map(row => ROW.parse(Object.fromEntries(columns.map(({ name }, at) => [name, row[at]]))))
}

const LACKS = {
  body: 'what was sent',
  upgrade: 'whether it was a tunnel',
  row: 'masked or cut',
  parameters: 'what the lease was asked with',
  narrowed: 'what its parent grants',
  namespaces: 'whether a lease for it would be asked for',
} as const satisfies Record<Lacking, string>

function describe({ same, other, untold, notJudged, groups }: Summary): string {
  const whole = `${count(same + other + untold + notJudged)}: ${same} decided the same, ${other} otherwise, ${untold} cannot be told, `
  const line = `${whole}${notJudged} were not decided by a policy\n`
  if (groups.length === 0) return line
  const titles = ['then', 'now', 'template', 'what', 'namespace', 'not on record', 'requests', 'examples']
  return `${line}\n${table(titles, groups.map(shown))}`
}

function shown({ was, why, now, whyNow, lacking, ...group }: Group): readonly string[] {
  const { template, verb, resource, namespace, requests, examples } = group
  const missing = lacking === null ? '' : LACKS[lacking]
  return [
    because(was, why),
    because(now.join(' or '), whyNow),
    template,
    `${verb} ${resource}`,
    namespace,
    missing,
    String(requests),
    examples.join(' '),
  ]
}

function because(saying: string, why: string): string {
  return why === '' ? saying : `${saying} (${why})`
}

function count(requests: number): string {
  return requests === 1 ? '1 request' : `${requests} requests`
}
