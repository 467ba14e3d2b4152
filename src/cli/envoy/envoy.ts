import { Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { configCommand } from './config.ts'

export function envoyCommand(terminal: Terminal): Command {
  return new Command('envoy').addCommand(configCommand(terminal))
}
