import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { parseDuration } from '../../policy/file/values/duration.ts'
import { printable } from '../../support/text/printable.ts'
import { type BrokerClient, brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { type Told, telling } from '../command/told.ts'
import { SHOWN_APPROVAL, type ShownApproval } from './shown-approval.ts'

/** Often enough for whoever sits there, and little for a broker that has thousands of them. */
export const LOOK_EVERY_MS = 2000

/** Exit code 0: what was waited for, also where it was used meanwhile; 1: another answer, or its time is over; 2: nobody answered in time. */
export function waitCommand(terminal: Terminal): Command {
  const command = new Command('wait')
    .description('wait until somebody has answered: exits with 0 for a yes, 1 for a no, 2 when nobody did in time')
    .argument('<id>', 'the approval')
    .addOption(
      new Option('--for <what>', 'approved: a yes; answered: any answer, of which the exit code then says nothing')
        .choices(['approved', 'answered'])
        .default('approved'),
    )
    .option('--timeout <duration>', 'how long', '10m')
  return telling(command, terminal, async (id: string, { timeout, for: what }: Options) => {
    const withinMs = parseDuration(timeout)
    if (withinMs === null) throw new CliError('usage', `--timeout ${timeout} is no duration such as 10m`)
    const approval = await untilAnswered(brokerClient(terminal), id, withinMs)
    if (approval === null) throw new CliError('timeout', `nobody has answered ${id} within ${timeout}`)
    return answered(approval, what)
  })
}

/** While a broker is put in the place of another, and somebody has waited for an hour. */
const MISSED_AT_MOST = 30

/** Null when nobody has answered in time. Rejects once it is stopped, and where the broker is away for a minute. */
export async function untilAnswered(
  broker: BrokerClient,
  id: string,
  withinMs: number,
  stopped?: AbortSignal,
): Promise<ShownApproval | null> {
  const until = Date.now() + withinMs
  let missed = 0
  for (;;) {
    const approval = await broker('GET', `/v1/approvals/${encodeURIComponent(id)}`, SHOWN_APPROVAL).catch(error => {
      missed += 1
      if (missed > MISSED_AT_MOST || !(error instanceof CliError) || error.code !== 'unavailable') throw error
      return null
    })
    if (approval !== null) {
      missed = 0
      if (approval.state !== 'pending') return approval
    }
    const leftMs = until - Date.now()
    if (leftMs <= 0) return null
    await sleep(Math.min(LOOK_EVERY_MS, leftMs), null, stopped === undefined ? {} : { signal: stopped })
  }
}

interface Options {
  readonly timeout: string
  readonly for: string
}

function answered(approval: ShownApproval, what: string): Told {
  const { id, state, decidedBy, why } = approval
  const says = `${id}  ${state}${decidedBy === '' ? '' : ` by ${printable(decidedBy)}`}${why === '' ? '' : `: ${printable(why)}`}`
  // A client that waits by itself may have sent it again between two looks.
  if (state === 'used') return { value: approval, text: `${says}; a request has used it\n` }
  if (what === 'answered' && state === 'rejected') return { value: approval, text: `${says}\n` }
  if (state !== 'approved') return { value: approval, text: '', failure: new CliError('refused', says) }
  return { value: approval, text: `${says}; send the same request again\n` }
}
