import { type Config, readConfig } from '../../config/read-config.ts'
import type { SettingKey } from '../../config/settings.ts'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

/** The settings a command wants; all problems in one message. */
export function settings<const K extends SettingKey>({ env }: Pick<Terminal, 'env'>, wanted: readonly K[]): Config<K> {
  const read = readConfig(env, wanted)
  if (read.kind === 'ok') return read.config
  throw new CliError('usage', `settings: ${read.problems.join('\n           ')}`)
}
