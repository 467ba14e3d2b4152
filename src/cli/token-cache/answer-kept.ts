import { writeFileSync } from 'node:fs'
import type { Environment } from '../../config/read-config.ts'
import type { LeaseChoice } from '../access/lease-choice.ts'
import { execCredential } from './exec-credential.ts'
import { placeOf } from './place.ts'
import { readKept } from './read-kept.ts'

/**
 * Answers `leasegate credential` with what is kept; false where somebody has to ask the broker. kubectl waits for each module that is loaded
 * before this is done, so it reads its arguments by itself, as kubeconfigs have them: of any other form it knows nothing.
 */
export function answerKept(args: readonly string[], env: Environment): boolean {
  const choice = plainChoice(args)
  const place = choice === null ? null : placeOf(choice, env)
  const kept = place === null ? null : readKept(place, process.ppid, Date.now())
  if (place === null || kept === null) return false
  try {
    // Not by process.stdout, which takes 8 ms to make.
    writeFileSync(1, execCredential(kept, place.certificate, env))
  } catch {
    // Whoever wanted to read it is gone.
    process.exitCode = 1
  }
  return true
}

/** Which lease `leasegate credential` is asked for, in the form of kubeconfigs; null for any other form, and any other command. */
export function plainChoice([command, option, value, ...more]: readonly string[]): LeaseChoice | null {
  if (command !== 'credential' || value === undefined || more.length > 0) return null
  if (option === '--lease') return { lease: value }
  if (option === '--lease-from') return { leaseFrom: value }
  return option === '--template' ? { template: value } : null
}
