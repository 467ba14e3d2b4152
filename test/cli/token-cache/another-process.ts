import { MAIN } from '../../../local/edition/leasegate.ts'
import { type Ran, run } from '../../../local/process/run.ts'

/** Runs the command below a process of its own, as each kubectl is one. */
export function belowAnother(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  return run('/bin/sh', ['-c', '"$@"; exit $?', 'sh', process.execPath, MAIN, ...args], { env })
}
