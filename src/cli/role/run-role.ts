import { Command } from 'commander'
import type { Config } from '../../config/read-config.ts'
import type { SettingKey } from '../../config/settings.ts'
import type { Logger } from '../../support/logger.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'

interface Running {
  readonly stop: () => Promise<void>
  /** Rejects when the process cannot go on; never settles otherwise. */
  readonly finished?: Promise<void>
}

interface Role<K extends SettingKey> {
  readonly name: 'authorizer' | 'tap' | 'broker' | 'companion'
  readonly wanted: readonly K[]
  readonly start: (config: Config<K>, log: Logger) => Promise<Running>
}

/** A command that runs one of the processes until it is asked to stop. */
export function roleCommand<const K extends SettingKey>(terminal: Terminal, role: Role<K | 'logLevel'>): Command {
  const { name, wanted, start } = role
  return new Command(name).action(async () => {
    const config = settings(terminal, wanted)
    const [{ createLogger }, { aborted }] = await Promise.all([
      import('../../support/logger.ts'),
      import('../../support/process/shutdown.ts'),
    ])
    const log = createLogger({ name, level: config.logLevel })
    const stopping = terminal.stopping()
    const running = await start(config, log).catch(error => {
      const why = error instanceof Error ? error.message : 'unknown error'
      throw new CliError('usage', `the ${name} cannot start: ${why}`, error)
    })
    log.info('ready')
    await Promise.race([aborted(stopping), running.finished ?? new Promise<never>(() => undefined)])
    log.info('stops')
    await running.stop()
  })
}
