import { readFile } from 'node:fs/promises'
import { CliError } from '../command/cli-error.ts'

/** PEM. `what` names the file and its setting, for the message. */
export async function readCaFile(file: string, what: string): Promise<string> {
  return readFile(file, 'utf8').catch(cause => {
    throw new CliError('usage', `cannot read ${what}: ${file}`, cause)
  })
}
