import { stopSignal } from '../support/process/shutdown.ts'
import type { CommandGroups } from './commands.ts'
import { run } from './program.ts'

/** Runs the command line that this process was started with, and ends the process. */
export async function main(commands: CommandGroups): Promise<never> {
  // Whoever reads our output may stop reading: that is no error (`leasegate query … | head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const terminal = {
    env: process.env,
    stdin: process.stdin,
    print: (text: string) => process.stdout.write(text),
    note: (text: string) => process.stderr.write(text),
    stopping: stopSignal,
  }
  const exitCode = await run(process.argv.slice(2), terminal, commands)
  // What a slow reader has not taken yet would be lost.
  for (const stream of [process.stdout, process.stderr]) await new Promise(resolve => stream.write('', resolve))
  process.exit(exitCode)
}
