import type { Command } from 'commander'
import { EXIT_CODES } from '../command/cli-error.ts'
import { CLIENT_HELP } from './client-help.ts'
import type { CommandHelp, Ending } from './command-help.ts'
import { PLATFORM_HELP } from './platform-help.ts'

export const COMMAND_HELP: Readonly<Record<string, CommandHelp>> = { ...CLIENT_HELP, ...PLATFORM_HELP }

const USUAL = {
  done: 'done',
  refused: 'refused',
  usage: 'wrong options, settings or input',
  unavailable: 'nobody answered',
} as const satisfies Record<Ending, string>

const CODES: Readonly<Record<Ending, number>> = { done: 0, ...EXIT_CODES }

/** Adds to a command, and to those below it, examples and exit codes. `path` is how it is called, without `leasegate`. */
export function addHelp(command: Command, path = command.name()): void {
  const own = COMMAND_HELP[path]
  if (own !== undefined) command.addHelpText('after', `\n${own.examples.map(exampleLine).join('')}${exitCodes(own)}`)
  for (const child of command.commands) addHelp(child, `${path} ${child.name()}`)
}

function exampleLine(example: string): string {
  return `example: leasegate ${example}\n`
}

function exitCodes({ exits = {} }: CommandHelp): string {
  const meant = Object.entries({ ...USUAL, ...exits }).filter(([, meaning]) => meaning !== null)
  return `exit codes: ${meant.map(([ending, meaning]) => `${CODES[ending as Ending]} ${meaning}`).join('; ')}`
}
