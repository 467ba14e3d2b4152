import { loadPolicy, PolicyFileError } from '../../policy/load/load-policy.ts'
import { faultsInFiles } from '../../policy/load/named-files.ts'
import type { Policy } from '../../policy/policy.ts'
import { CliError } from '../command/cli-error.ts'

/** The policy of a file that somebody names on the command line. */
export async function readPolicy(file: string): Promise<Policy> {
  return loadPolicy(file).catch(error => {
    throw error instanceof PolicyFileError ? new CliError('usage', error.message, error) : error
  })
}

/** The same, with every file that it names there and of use. */
export async function readSoundPolicy(file: string): Promise<Policy> {
  const policy = await readPolicy(file)
  const faults = await faultsInFiles(policy)
  if (faults.length > 0) throw new CliError('usage', faults.map(fault => `${file}: ${fault}`).join('\n'))
  return policy
}
