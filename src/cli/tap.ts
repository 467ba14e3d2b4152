import { Command } from 'commander'
import { TAP_SETTINGS } from '../config/roles.ts'
import { CliError } from './cli-error.ts'
import { settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

export function tapCommand(terminal: Terminal): Command {
  return new Command('tap')
    .description('run the tap: brings journal and access log into the record')
    .action(async () => {
      const config = settings(terminal, TAP_SETTINGS)
      const [{ startRealTap }, { createLogger }, { aborted }] = await Promise.all([
        import('../tap/start-tap.ts'),
        import('../support/logger.ts'),
        import('../support/shutdown.ts'),
      ])
      const log = createLogger({ name: 'tap', level: config.logLevel })
      const stopping = terminal.stopping()
      const tap = await startRealTap(config, log).catch(error => {
        throw new CliError(
          'usage',
          `the tap cannot start: ${error instanceof Error ? error.message : 'unknown error'}`,
          error,
        )
      })
      log.info({ socket: config.tapListen }, 'tap listens')
      await Promise.race([aborted(stopping), tap.finished])
      log.info('tap stops')
      await tap.stop()
    })
}
