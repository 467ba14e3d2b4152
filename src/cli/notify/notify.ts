import { Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { testCommand } from './test.ts'

export function notifyCommand(terminal: Terminal): Command {
  return new Command('notify').addCommand(testCommand(terminal))
}
