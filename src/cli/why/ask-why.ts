import { setTimeout as sleep } from 'node:timers/promises'
import { EXPLAINED_REQUEST, type ExplainedRequest } from '../../denial/explained-request.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'

/** The tap brings what was decided within a second or so: whoever asks at once is a little early. */
const TRY_AGAIN_MS = [1000, 3000] as const

export async function askWhy(broker: BrokerClient, auditId: string): Promise<ExplainedRequest> {
  const ask = () => broker('GET', `/v1/requests/${encodeURIComponent(auditId)}`, EXPLAINED_REQUEST)
  for (const pause of TRY_AGAIN_MS) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'refused') throw error
    }
    await sleep(pause)
  }
  return ask()
}
