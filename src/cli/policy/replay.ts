import { Command } from 'commander'
import { z } from 'zod'
import type { Policy } from '../../policy/policy.ts'
import { type Group, type Summary, summarize } from '../../policy/replay/groups.ts'
import type { Recorded } from '../../policy/replay/recorded.ts'
import { type Lacking, replay } from '../../policy/replay/replay.ts'
import { RECORDED_COLUMNS, toRecorded } from '../../record/queries/recorded-row.ts'
import type { QueryResult } from '../../record/queries/run-query.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, table, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { askRecord } from '../record/query/query-runner.ts'
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
    .action(async (file: string, { template = '', since, output }: Options) => {
      const policy = await readPolicy(file)
      const params = { since, template, most: String(MOST) }
      const read = toRows(await askRecord(terminal, { kind: 'saved', name: 'replay', params }))
      const isWhole = read.length < MOST
      if (!isWhole)
        terminal.note(
          `leasegate: only the ${MOST} most frequent kinds of request were read; choose a shorter --since\n`,
        )
      const summary = replayAll(policy, read)
      terminal.print(output === 'json' ? toJson({ ...summary, whole: isWhole }) : describe(summary))
      if (summary.other > 0)
        throw new CliError('refused', `${count(summary.other)} would be decided otherwise under ${file}`)
    })
}

interface Replayed extends Summary {
  /** Requests under leases of which it is not on record how they were issued: there is nothing to judge them by. */
  readonly notIssued: number
}

function replayAll(policy: Policy, rows: readonly Row[]): Replayed {
  const issued = rows.flatMap(({ isIssued, row }) => (isIssued ? [row] : []))
  const others = rows.flatMap(({ isIssued, row }) => (isIssued ? [] : [row.requests]))
  const summary = summarize(issued.map(row => ({ row, of: replay(policy, row) })))
  return { ...summary, notIssued: others.reduce((sum, requests) => sum + requests, 0) }
}

interface Row {
  readonly isIssued: boolean
  readonly row: Recorded
}

const ROW = z
  .object({ ...RECORDED_COLUMNS, is_issued: z.coerce.boolean() })
  .transform(({ is_issued: isIssued, ...row }): Row => ({ isIssued, row: toRecorded(row) }))

function toRows({ columns, rows }: QueryResult): readonly Row[] {
  return rows.map(row => ROW.parse(Object.fromEntries(columns.map(({ name }, at) => [name, row[at]]))))
}

const LACKS = {
  body: 'what was sent',
  upgrade: 'whether it was a tunnel',
  row: 'masked or cut',
  parameters: 'what the lease was asked with',
  narrowed: 'what its parent grants',
  namespaces: 'whether a lease for it would be asked for',
  holder: 'whether it was bound, or for a person',
  watched: 'whether somebody would watch',
} as const satisfies Record<Lacking, string>

function describe({ same, other, untold, notJudged, notIssued, groups }: Replayed): string {
  const all = same + other + untold + notJudged + notIssued
  const whole = `${count(all)}: ${same} decided the same, ${other} otherwise, ${untold} cannot be told, `
  const unknown = notIssued === 0 ? '' : `, ${notIssued} of leases that are not on record`
  const line = `${whole}${notJudged} were not decided by a policy${unknown}\n`
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
