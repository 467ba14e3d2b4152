import type { Command } from 'commander'
import { BROKER_SETTINGS } from '../../config/roles.ts'
import type { Terminal } from '../command/terminal.ts'
import { roleCommand } from './run-role.ts'

export function brokerCommand(terminal: Terminal): Command {
  return roleCommand(terminal, {
    name: 'broker',
    wanted: BROKER_SETTINGS,
    start: async (config, log) => (await import('../../broker/start-broker.ts')).startBroker(config, log),
  })
}
