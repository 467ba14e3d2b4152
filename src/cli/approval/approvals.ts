import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { describeAgain } from '../../approval/again.ts'
import { describeSaid } from '../../approval/people/groups.ts'
import { escapedJson } from '../../support/text/escaped-json.ts'
import { printable } from '../../support/text/printable.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { mustBeWhole, readWhatIsThere } from '../broker/read-pages.ts'
import { outputOption, table, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { describePlan } from './describe-plan.ts'
import { SHOWN_APPROVAL, SHOWN_APPROVALS, type ShownApproval } from './shown-approval.ts'
import { LOOK_EVERY_MS, waitCommand } from './wait.ts'
import { withdrawCommand } from './withdraw.ts'

export function approvalsCommand(terminal: Terminal): Command {
  return new Command('approvals')
    .argument('[id]', 'the approval')
    .addOption(outputOption())
    .option('--watch', 'print each question as it comes, until stopped')
    .addCommand(waitCommand(terminal))
    .addCommand(withdrawCommand(terminal))
    .action(async (id: string | undefined, { output, watch = false }: Options) => {
      const broker = brokerClient(terminal)
      const read = (query: string) => broker('GET', `/v1/approvals${query}`, SHOWN_APPROVALS)
      const list = () => readWhatIsThere(read, terminal.note)
      if (watch) return watchQuestions(list, terminal, output)
      if (id === undefined) {
        const { items: approvals, missing } = await list()
        terminal.print(output === 'json' ? toJson(approvals) : describeAll(approvals, missing))
        return mustBeWhole(missing)
      }
      const approval = await broker('GET', `/v1/approvals/${encodeURIComponent(id)}`, SHOWN_APPROVAL)
      return terminal.print(output === 'json' ? toJson(approval) : describe(approval))
    })
}

interface Options {
  readonly output: string
  readonly watch?: boolean
}

/** Each once. Ends with the process, or when the broker does not answer. */
async function watchQuestions(
  list: () => Promise<{ readonly items: readonly ShownApproval[]; readonly missing: readonly string[] }>,
  terminal: Terminal,
  output: string,
): Promise<never> {
  let seen: ReadonlySet<string> = new Set()
  let told = ''
  for (;;) {
    const { items: approvals, missing } = await list()
    if (missing.join() !== told) terminal.note(describeMissing(missing))
    told = missing.join()
    for (const approval of approvals.filter(({ id }) => !seen.has(id))) {
      terminal.print(output === 'json' ? `${escapedJson(approval)}\n` : `${line(approval).join('  ')}\n`)
    }
    // What is away for a while is not new when it is back.
    seen = new Set([...approvals.map(({ id }) => id), ...(missing.length === 0 ? [] : seen)])
    await sleep(LOOK_EVERY_MS)
  }
}

function describeMissing(missing: readonly string[]): string {
  return missing.length === 0
    ? 'leasegate: all of the store answers again\n'
    : `leasegate: questions in ${missing.join(', ')} are not seen: that part of the store does not answer\n`
}

/** A question as one line of a list. Who answers reads the whole of it first. */
function line(approval: ShownApproval): readonly string[] {
  const { id, agent, digest, question, endsAt } = approval
  const { sponsor, risk, summary, facts } = question
  const says = [...saidYes(approval), summary, ...facts.filter(fact => LISTED.test(fact)).slice(0, 3)]
    .map(printable)
    .join('; ')
  const short =
    says.length <= MAX_LINE ? says : `${says.slice(0, MAX_LINE).toWellFormed()}… (${says.length - MAX_LINE} more)`
  return [
    id,
    printable(agent),
    printable(sponsor),
    risk,
    timeLeft(endsAt, Date.now()),
    digest.slice(0, SHORT_DIGEST),
    short,
  ]
}

/** Characters of a request in a list. */
const MAX_LINE = 160
/** What people look for first in a change: which image, how many, which command. */
const LISTED = /(?:^|[.! \]])(?:image|replicas|command|args) = /

/** Characters of a digest that tell questions of a list apart. */
export const SHORT_DIGEST = 12

function describeAll(approvals: readonly ShownApproval[], missing: readonly string[]): string {
  if (approvals.length === 0) return missing.length === 0 ? 'nothing waits for approval\n' : ''
  return table(['approval', 'agent', 'sponsor', 'risk', 'left', 'digest', 'request'], approvals.map(line))
}

/** All that the yes would be bound to. */
export function describe(approval: ShownApproval): string {
  const { id, state, digest, question, decidedBy, why, again, plan, planProblem, lasting } = approval
  const extent = lasting === undefined ? '' : ', for this verb on this object until the lease ends'
  const lines = [
    `${id}  ${state}${decidedBy === '' ? '' : ` by ${printable(decidedBy)}`}${extent}${why === '' ? '' : `: ${printable(why)}`}`,
    ...saidYes(approval).map(text => `  people   ${printable(text)}`),
    ...(question.quorum === undefined ? [] : approval.yeses.map(yesLine)),
    ...(again === null ? [] : [`  again    ${printable(describeAgain(again))}`]),
    `  request  ${printable(question.summary)}`,
    ...exactly(approval),
    ...question.facts.map(fact => `    ${printable(fact)}`),
    ...describePlan(plan, planProblem, Date.now()),
    `  risk     ${printable(describeRisk(question))}`,
    ...(question.untilLeaseEnds === true && state === 'pending'
      ? ['  or       until the lease ends, for this verb on this object whatever it says: --for-lease']
      : []),
    `  agent    ${printable(question.agent)}${question.delegatedBy === undefined ? '' : `, by a lease from ${printable(question.delegatedBy)}`}${question.sponsor === '' ? '' : ` for ${printable(question.sponsor)}`}`,
    `  it says  ${printable(question.task.replaceAll(/\s+/g, ' '))}   (the agent's own words, checked by nobody)`,
    `  lease    ${printable(question.lease)}`,
    `  digest   ${digest}`,
  ]
  const bodies = approval.requests?.flatMap(bodyOfOne) ?? preview(question)
  return `${[...lines, ...bodies].join('\n')}\n`
}

/** Of several requests the facts say each line of it. */
function exactly({ requests, question }: ShownApproval): readonly string[] {
  if (requests !== undefined) return [`  exactly  ${requests.length} requests, each bound by itself and usable once`]
  return [`  exactly  ${printable(question.method)} ${printable(question.target)}`, `  body     ${bodyLine(question)}`]
}

function bodyOfOne({ question, digest }: NonNullable<ShownApproval['requests']>[number], index: number) {
  return ['', `(${index + 1}) digest ${printable(digest)}`, ...preview(question)]
}

/** `this changes what runs in pods (high, workload-code)` */
function describeRisk({ risk, tier, why }: ShownApproval['question']): string {
  return why === '' ? risk : `this ${why} (${tier}, ${risk})`
}

/** `1 of 2 said yes, of platform-oncall`; nothing where any one approver will do. */
function saidYes({ question: { quorum }, yeses }: ShownApproval): readonly string[] {
  return quorum === undefined ? [] : [describeSaid(yeses.length, quorum)]
}

function yesLine({ by, at, why }: ShownApproval['yeses'][number]): string {
  const words = why === '' ? '' : `: ${printable(why)}`
  return `    yes by ${printable(by)} at ${new Date(at).toISOString()}${words}`
}

function bodyLine({ bodyBytes, contentType, bodySha256 }: ShownApproval['question']): string {
  return bodyBytes === 0 ? 'none' : `${bodyBytes} bytes ${printable(contentType)}, sha256 ${printable(bodySha256)}`
}

function preview({ bodyPreview, bodyCut }: ShownApproval['question']): readonly string[] {
  const cut = bodyCut === '' ? [] : [`  (${printable(bodyCut)})`]
  return bodyPreview === '' ? cut : ['', ...bodyPreview.split('\n').map(printable), ...cut]
}
