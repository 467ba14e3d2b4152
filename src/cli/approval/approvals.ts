import { Command } from 'commander'
import { z } from 'zod'
import { describeAgain } from '../../approval/again.ts'
import { printable } from '../../support/printable.ts'
import { brokerClient } from '../broker-client.ts'
import { outputOption, table, timeLeft, toJson } from '../output.ts'
import { readPages } from '../read-pages.ts'
import type { Terminal } from '../terminal.ts'
import { SHOWN_APPROVAL, type ShownApproval } from './shown-approval.ts'

/** One page. */
const SHOWN_APPROVALS = z
  .object({ approvals: z.array(SHOWN_APPROVAL), next: z.string().nullable() })
  .transform(({ approvals, next }) => ({ items: approvals, next }))

export function approvalsCommand(terminal: Terminal): Command {
  return new Command('approvals')
    .description('list the requests that wait for an approver, or show one of them in full')
    .argument('[id]', 'the approval')
    .addOption(outputOption())
    .action(async (id: string | undefined, { output }: { readonly output: string }) => {
      const broker = brokerClient(terminal)
      if (id === undefined) {
        const approvals = await readPages(
          query => broker('GET', `/v1/approvals${query}`, SHOWN_APPROVALS),
          terminal.note,
        )
        return terminal.print(output === 'json' ? toJson(approvals) : describeAll(approvals))
      }
      const approval = await broker('GET', `/v1/approvals/${encodeURIComponent(id)}`, SHOWN_APPROVAL)
      return terminal.print(output === 'json' ? toJson(approval) : describe(approval))
    })
}

/** Characters of a digest that tell questions of a list apart. */
export const SHORT_DIGEST = 12

function describeAll(approvals: readonly ShownApproval[]): string {
  if (approvals.length === 0) return 'nothing waits for approval\n'
  const now = Date.now()
  const rows = approvals.map(({ id, agent, digest, question, endsAt }) => [
    id,
    agent,
    question.sponsor,
    question.risk,
    timeLeft(endsAt, now),
    digest.slice(0, SHORT_DIGEST),
    question.summary,
  ])
  return table(['approval', 'agent', 'sponsor', 'risk', 'left', 'digest', 'request'], rows)
}

/** All that the yes would be bound to. */
export function describe({ id, state, digest, question, decidedBy, again }: ShownApproval): string {
  const lines = [
    `${id}  ${state}${decidedBy === '' ? '' : ` by ${printable(decidedBy)}`}`,
    ...(again === null ? [] : [`  again    ${printable(describeAgain(again))}`]),
    `  request  ${printable(question.summary)}`,
    `  exactly  ${printable(question.method)} ${printable(question.target)}`,
    `  body     ${bodyLine(question)}`,
    ...question.facts.map(fact => `    ${printable(fact)}`),
    `  risk     ${printable(question.risk)}`,
    `  agent    ${printable(question.agent)}${question.sponsor === '' ? '' : ` for ${printable(question.sponsor)}`}`,
    `  it says  ${printable(question.task)}   (the agent's own words, checked by nobody)`,
    `  lease    ${printable(question.lease)}`,
    `  digest   ${digest}`,
  ]
  return `${[...lines, ...preview(question)].join('\n')}\n`
}

function bodyLine({ bodyBytes, contentType, bodySha256 }: ShownApproval['question']): string {
  return bodyBytes === 0 ? 'none' : `${bodyBytes} bytes ${printable(contentType)}, sha256 ${printable(bodySha256)}`
}

function preview({ bodyPreview, bodyCut }: ShownApproval['question']): readonly string[] {
  const cut = bodyCut === '' ? [] : [`  (${printable(bodyCut)})`]
  return bodyPreview === '' ? cut : ['', ...bodyPreview.split('\n').map(printable), ...cut]
}
