import { Command } from 'commander'
import { BROKER_SETTINGS } from '../config/roles.ts'
import { CliError } from './cli-error.ts'
import { settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

export function brokerCommand(terminal: Terminal): Command {
  return new Command('broker')
    .description('run the broker: leases and approvals over HTTP, behind Envoy')
    .action(async () => {
      const config = settings(terminal, BROKER_SETTINGS)
      const [{ startBroker }, { createLogger }, { aborted }] = await Promise.all([
        import('../broker/start-broker.ts'),
        import('../support/logger.ts'),
        import('../support/shutdown.ts'),
      ])
      const log = createLogger({ name: 'broker', level: config.logLevel })
      const stopping = terminal.stopping()
      const broker = await startBroker(config, log).catch(error => {
        throw new CliError(
          'usage',
          `the broker cannot start: ${error instanceof Error ? error.message : 'unknown error'}`,
          error,
        )
      })
      log.info({ address: config.brokerListen }, 'broker listens')
      await aborted(stopping)
      log.info('broker stops')
      await broker.stop()
    })
}
