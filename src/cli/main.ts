import { asProcess } from './command/as-process.ts'
import type { CommandGroups } from './commands.ts'
import { run } from './program.ts'

/** Runs the command line that this process was started with, and ends the process. */
export function main(commands: CommandGroups): Promise<never> {
  return asProcess(terminal => run(process.argv.slice(2), terminal, commands))
}
