import { createInterface } from 'node:readline'
import { Command, Option } from 'commander'
import { describeSaid } from '../../approval/people/groups.ts'
import { printable } from '../../support/text/printable.ts'
import { type BrokerClient, brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { describe, SHORT_DIGEST } from './approvals.ts'
import { SHOWN_APPROVAL, type ShownApproval } from './shown-approval.ts'

export function approveCommand(terminal: Terminal): Command {
  const command = new Command('approve')
    .argument('<id>', 'the approval')
    .option('--yes <digest>', `without a question: of what you looked at, its first ${SHORT_DIGEST} characters or more`)
    .addOption(new Option('--digest <digest>', 'the same').hideHelp().conflicts('yes'))
    .option(
      '--for-lease',
      'to this verb on this object, whatever else it says, until the lease ends, where the template lets you',
    )
    .option('--reason <text>', 'why, for the agent to read')
  return telling(command, terminal, async (id: string, options: ApproveOptions) => {
    const { yes, digest = yes, reason = '', forLease = false } = options
    const broker = brokerClient(terminal)
    const approval = await find(broker, id)
    await confirm(terminal, approval, digest, forLease)
    const answered = await broker('POST', `${pathOf(id)}/approve`, SHOWN_APPROVAL, {
      digest: approval.digest,
      reason,
      plan: approval.plan?.madeAt ?? null,
      ...(forLease ? { forLease } : {}),
    })
    const inShort = `${answered.id}  ${answered.state}${stillWanted(answered)}\n`
    return { value: answered, text: digest === undefined ? inShort : describe(answered) }
  })
}

export function rejectCommand(terminal: Terminal): Command {
  const command = new Command('reject')
    .argument('<id>', 'the approval')
    .option('--digest <digest>', `the digest of what you looked at, or its first ${SHORT_DIGEST} characters or more`)
    .option('--reason <text>', 'why, for the agent to read')
  return telling(command, terminal, async (id: string, { digest, reason = '' }: Options) => {
    const broker = brokerClient(terminal)
    const body = digest === undefined ? { reason } : { reason, digest: matching(await find(broker, id), digest).digest }
    const answered = await broker('POST', `${pathOf(id)}/reject`, SHOWN_APPROVAL, body)
    return { value: answered, text: describe(answered) }
  })
}

/** Where others have to say yes as well. */
function stillWanted({ state, question: { quorum }, yeses }: ShownApproval): string {
  return state !== 'pending' || quorum === undefined ? '' : `: ${printable(describeSaid(yeses.length, quorum))}`
}

interface ApproveOptions extends Options {
  readonly yes?: string
  readonly forLease?: boolean
}

interface Options {
  readonly digest?: string
  readonly reason?: string
}

function pathOf(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`
}

function find(broker: BrokerClient, id: string): Promise<ShownApproval> {
  return broker('GET', pathOf(id), SHOWN_APPROVAL)
}

/** Somebody at a terminal sees the request and says yes; a script says by its digest which one somebody saw. */
async function confirm(
  terminal: Terminal,
  approval: ShownApproval,
  digest: string | undefined,
  forLease: boolean,
): Promise<void> {
  if (digest !== undefined) {
    matching(approval, digest)
    return
  }
  if (terminal.stdin.isTTY !== true) {
    throw new CliError(
      'usage',
      `say which request you looked at: leasegate approve ${approval.id} --yes DIGEST (leasegate approvals ${approval.id} shows it)`,
    )
  }
  terminal.note(describe(approval))
  terminal.note(
    forLease
      ? 'Approve this verb on this object, whatever the next request says, until the lease ends? [y/N] '
      : 'Approve exactly this? [y/N] ',
  )
  if (!/^\s*y(?:es)?\s*$/i.test(await firstLine(terminal.stdin))) throw new CliError('refused', 'nothing was approved')
}

function matching(approval: ShownApproval, digest: string): ShownApproval {
  if (digest.length >= SHORT_DIGEST && approval.digest.startsWith(digest)) return approval
  throw new CliError('refused', `approval ${approval.id} is not about the request of this digest; look at it again`)
}

async function firstLine(input: Terminal['stdin']): Promise<string> {
  for await (const line of createInterface({ input: input as NodeJS.ReadableStream })) return line
  return ''
}
