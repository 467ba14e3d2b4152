import { loadPolicy, PolicyFileError } from '../../policy/load-policy.ts'
import type { Policy } from '../../policy/policy.ts'
import { CliError } from '../cli-error.ts'

/** The policy of a file that somebody names on the command line. */
export async function readPolicy(file: string): Promise<Policy> {
  return loadPolicy(file).catch(error => {
    throw error instanceof PolicyFileError ? new CliError('usage', error.message, error) : error
  })
}
