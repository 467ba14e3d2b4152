import { stopSignal } from '../../support/process/shutdown.ts'
import type { Terminal } from './terminal.ts'

/** Runs with this process' own terminal, and ends the process with the exit code. */
export async function asProcess(run: (terminal: Terminal) => Promise<number>): Promise<never> {
  // Whoever reads our output may stop reading: that is no error (`leasegate query … | head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const exitCode = await run({
    env: process.env,
    stdin: process.stdin,
    print: (text: string) => process.stdout.write(text),
    note: (text: string) => process.stderr.write(text),
    stopping: stopSignal,
  })
  // What a slow reader has not taken yet would be lost.
  for (const stream of [process.stdout, process.stderr]) await new Promise(resolve => stream.write('', resolve))
  process.exit(exitCode)
}
