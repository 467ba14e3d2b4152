import { join } from 'node:path'
import { type Ran, run } from '../process/run.ts'

export const SOURCE = join(import.meta.dirname, '../../src/main.ts')

/** The program; a run of the tests has another form of it. */
export const MAIN = process.env['PROGRAM_UNDER_TEST'] ?? SOURCE

/** Runs a leasegate command to its end. */
export function leasegate(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  return run(process.execPath, [MAIN, ...args], { env })
}

/** The same for a command whose failure nobody expects; its output. */
export async function leasegateOutput(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await leasegate(args, {})
  if (code !== 0) throw new Error(`leasegate ${args.join(' ')}: ${stderr.trim()}`)
  return stdout
}
