import type { Environment } from '../../config/read-config.ts'
import { asProcess } from '../command/as-process.ts'
import { reportFailure } from '../command/report-failure.ts'
import { plainChoice } from '../token-cache/answer-kept.ts'
import { placeOf } from '../token-cache/place.ts'
import { giveCredential } from './give-credential.ts'

/** Names the broker, as each kubeconfig of ours does: without it contexts are looked at. */
const BROKER_URL = 'LEASEGATE_BROKER_URL'

/**
 * Runs `leasegate credential` as kubeconfigs have it, without what reads command lines: kubectl waits for that. False for any other form,
 * and any other command; does not return otherwise.
 */
export async function credentialAlone(args: readonly string[], env: Environment): Promise<boolean> {
  const choice = plainChoice(args)
  const [, , value = ''] = args
  if (choice === null || value.startsWith('-') || env[BROKER_URL] === undefined) return false
  return asProcess(async terminal => {
    try {
      await giveCredential(terminal, choice, placeOf(choice, terminal.env))
      return 0
    } catch (error) {
      return reportFailure(error, terminal)
    }
  })
}
