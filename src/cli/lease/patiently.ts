import { parseDuration } from '../../policy/file/values/duration.ts'
import { SHOWN_APPROVAL } from '../approval/shown-approval.ts'
import { untilAnswered } from '../approval/wait.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
import { BrokerRefusal, CliError } from '../command/cli-error.ts'
import type { ShownLease } from './shown-lease.ts'

export interface Patience {
  /** As the option has it; not there: as long as the question is open. */
  readonly wait?: string | undefined
  readonly note: (text: string) => void
  /** Once it is aborted nobody waits any more, and the question is taken back. */
  readonly stopped?: AbortSignal
}

/** Where the lease waits for a person, it is asked for once more when there is a yes. Throws where there is none. */
export async function patiently(
  ask: () => Promise<ShownLease>,
  broker: BrokerClient,
  { wait, note, stopped }: Patience,
): Promise<ShownLease> {
  const withinMs = waitTime(wait)
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof BrokerRefusal) || error.approval === null) throw error
    const id = error.approval
    note(`${error.message}\n`)
    if (stopped !== undefined) note(`leasegate: waits here for an answer to ${id}; Ctrl-C takes the question back\n`)
    const answered = await untilAnswered(broker, id, withinMs, stopped).catch(cause => takenBack(cause))
    if (answered === 'stopped') return withdraw(broker, id, note)
    // Asked again without an answer, it would be another question.
    if (answered === null) throw new CliError('timeout', `nobody has answered ${id} within ${wait}`)
    if (answered.state === 'expired') throw new CliError('timeout', `nobody has answered ${id} in its time`)
    if (answered.state === 'withdrawn' || answered.state === 'used')
      throw new CliError('refused', `${id} is ${answered.state}: ask anew`)
    return ask()
  }

  function takenBack(cause: unknown): 'stopped' {
    if (stopped?.aborted === true) return 'stopped'
    throw cause
  }
}

/** Throws where it is none. */
function waitTime(wait: string | undefined): number {
  const withinMs = wait === undefined ? Number.POSITIVE_INFINITY : parseDuration(wait)
  if (withinMs === null) throw new CliError('usage', `--wait ${wait} is no duration such as 10m`)
  return withinMs
}

async function withdraw(broker: BrokerClient, id: string, note: Patience['note']): Promise<never> {
  const path = `/v1/approvals/${encodeURIComponent(id)}/withdraw`
  try {
    await broker('POST', path, SHOWN_APPROVAL, { reason: 'whoever asked waits no more' })
    note(`leasegate: ${id} is taken back\n`)
  } catch (error) {
    note(`leasegate: ${id} could not be taken back: ${error instanceof Error ? error.message : 'failed'}\n`)
  }
  throw new CliError('refused', `nobody waits for ${id} any more`)
}
