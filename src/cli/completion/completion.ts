import { Argument, Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { completionScript, SHELLS, type Shell } from './scripts.ts'
import { followingWords } from './words.ts'

/** `whole` makes the program with all of its commands, which this one alone needs. */
export function completionCommand(terminal: Terminal, whole: () => Promise<Command>): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action(async (shell: Shell) => terminal.print(completionScript(shell, followingWords(await whole()))))
}
