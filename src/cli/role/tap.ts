import type { Command } from 'commander'
import { TAP_SETTINGS } from '../../config/roles.ts'
import type { Terminal } from '../command/terminal.ts'
import { roleCommand } from './run-role.ts'

export function tapCommand(terminal: Terminal): Command {
  return roleCommand(terminal, {
    name: 'tap',
    wanted: TAP_SETTINGS,
    start: async (config, log) => (await import('../../tap/start-tap.ts')).startRealTap(config, log),
  })
}
