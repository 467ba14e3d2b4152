import type { Command } from 'commander'
import { COMPANION_SETTINGS } from '../../config/roles.ts'
import type { Terminal } from '../command/terminal.ts'
import { roleCommand } from './run-role.ts'

export function companionCommand(terminal: Terminal): Command {
  return roleCommand(terminal, {
    name: 'companion',
    wanted: COMPANION_SETTINGS,
    start: async (config, log) => (await import('../../companion/start-companion.ts')).startCompanion(config, log),
  })
}
