import { Command } from 'commander'
import { AUTHORIZER_SETTINGS } from '../config/roles.ts'
import { CliError } from './cli-error.ts'
import { settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

export function authorizerCommand(terminal: Terminal): Command {
  return new Command('authorizer')
    .description('run the authorizer: decides every request for Envoy')
    .action(async () => {
      const config = settings(terminal, AUTHORIZER_SETTINGS)
      const [{ startAuthorizer }, { createLogger }, { aborted }] = await Promise.all([
        import('../authorizer/start-authorizer.ts'),
        import('../support/logger.ts'),
        import('../support/shutdown.ts'),
      ])
      const log = createLogger({ name: 'authorizer', level: config.logLevel })
      const stopping = terminal.stopping()
      const authorizer = await startAuthorizer(config, log).catch(error => {
        const why = error instanceof Error ? error.message : 'unknown error'
        throw new CliError('usage', `the authorizer cannot start: ${why}`, error)
      })
      log.info({ socket: config.authorizerListen }, 'authorizer listens')
      await aborted(stopping)
      log.info('authorizer stops')
      await authorizer.stop()
    })
}
