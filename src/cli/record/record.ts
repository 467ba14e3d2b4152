import { Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { deadLettersCommand } from './dead-letters.ts'
import { deleteCommand } from './delete.ts'

export function recordCommand(terminal: Terminal): Command {
  return new Command('record').addCommand(deadLettersCommand(terminal)).addCommand(deleteCommand(terminal))
}
