import { writeFile } from 'node:fs/promises'
import { CliError } from '../command/cli-error.ts'

/** Never over an older key: what was signed or sealed with it would be lost. */
export async function writeNew(file: string, text: string | Buffer, mode: number): Promise<void> {
  await writeFile(file, text, { mode, flag: 'wx' }).catch(cause => failed(file, cause))
}

export function failed(file: string, cause: NodeJS.ErrnoException): never {
  const why = cause.code === 'EEXIST' ? 'it exists already' : (cause.code ?? 'unknown error')
  throw new CliError('usage', `cannot write ${file}: ${why}`, cause)
}
