import type { Command } from 'commander'
import { AUTHORIZER_SETTINGS } from '../../config/roles.ts'
import type { Terminal } from '../command/terminal.ts'
import { roleCommand } from './run-role.ts'

export function authorizerCommand(terminal: Terminal): Command {
  return roleCommand(terminal, {
    name: 'authorizer',
    wanted: AUTHORIZER_SETTINGS,
    start: async (config, log) => (await import('../../authorizer/start-authorizer.ts')).startAuthorizer(config, log),
  })
}
