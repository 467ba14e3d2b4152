import type { Command } from 'commander'
import { outputOption, toJson } from './output.ts'
import type { Terminal } from './terminal.ts'

/** What a command has to say. */
export interface Told {
  /** For programs: `-o json`. */
  readonly value: unknown
  /** For people, with the last newline; '' where the failure says all. */
  readonly text: string
  /** What came of it where that was no success: thrown once it was told. */
  readonly failure?: Error | null
}

/** Gives a command `-o`, and its action, which says both: the one that was asked for is printed. */
export function telling<Args extends unknown[]>(
  command: Command,
  terminal: Terminal,
  act: (...args: Args) => Promise<Told>,
): Command {
  return command.addOption(outputOption()).action(async (...args) => {
    const { value, text, failure = null } = await act(...(args as Args))
    // A command above that has one as well takes it, wherever it stands.
    const { output } = command.optsWithGlobals<{ readonly output: string }>()
    terminal.print(output === 'json' ? toJson(value) : text)
    if (failure !== null) throw failure
  })
}
