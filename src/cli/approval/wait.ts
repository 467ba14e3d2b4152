import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { parseDuration } from '../../policy/file/values/duration.ts'
import { printable } from '../../support/text/printable.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { SHOWN_APPROVAL, type ShownApproval } from './shown-approval.ts'

/** Often enough for whoever sits there, and little for a broker that has thousands of them. */
export const LOOK_EVERY_MS = 2000

/** Exit code 0: what was waited for, also where it was used meanwhile; 1: another answer, or its time is over; 2: nobody answered in time. */
export function waitCommand(terminal: Terminal): Command {
  return new Command('wait')
    .description('wait until somebody has answered: exits with 0 for a yes, 1 for a no, 2 when nobody did in time')
    .argument('<id>', 'the approval')
    .addOption(
      new Option('--for <what>', 'approved: a yes; answered: any answer, of which the exit code then says nothing')
        .choices(['approved', 'answered'])
        .default('approved'),
    )
    .option('--timeout <duration>', 'how long', '10m')
    .action(async (id: string, { timeout, for: what }: Options) => {
      const withinMs = parseDuration(timeout)
      if (withinMs === null) throw new CliError('usage', `--timeout ${timeout} is no duration such as 10m`)
      const broker = brokerClient(terminal)
      const until = Date.now() + withinMs
      for (;;) {
        const approval = await broker('GET', `/v1/approvals/${encodeURIComponent(id)}`, SHOWN_APPROVAL)
        if (approval.state !== 'pending') return terminal.print(answered(approval, what))
        const leftMs = until - Date.now()
        if (leftMs <= 0) throw new CliError('timeout', `nobody has answered ${id} within ${timeout}`)
        await sleep(Math.min(LOOK_EVERY_MS, leftMs))
      }
    })
}

interface Options {
  readonly timeout: string
  readonly for: string
}

function answered({ id, state, decidedBy, why }: ShownApproval, what: string): string {
  const says = `${id}  ${state}${decidedBy === '' ? '' : ` by ${printable(decidedBy)}`}${why === '' ? '' : `: ${printable(why)}`}`
  // A client that waits by itself may have sent it again between two looks.
  if (state === 'used') return `${says}; a request has used it\n`
  if (what === 'answered' && state === 'rejected') return `${says}\n`
  if (state !== 'approved') throw new CliError('refused', says)
  return `${says}; send the same request again\n`
}
