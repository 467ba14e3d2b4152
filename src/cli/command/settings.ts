import { type Config, readConfig } from '../../config/read-config.ts'
import { SETTINGS, type SettingKey } from '../../config/settings.ts'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

const HOW_TO_NAME_A_BOUNDARY = 'see: leasegate help environment'

/** The settings a command wants; all problems in one message. */
export function settings<const K extends SettingKey>({ env }: Pick<Terminal, 'env'>, wanted: readonly K[]): Config<K> {
  const read = readConfig(env, wanted)
  if (read.kind === 'ok') return read.config
  const problems = [...read.problems, ...(lacksBoundary(env, wanted) ? [HOW_TO_NAME_A_BOUNDARY] : [])]
  throw new CliError('usage', `settings: ${problems.join('\n           ')}`)
}

function lacksBoundary(env: Terminal['env'], wanted: readonly SettingKey[]): boolean {
  return wanted.includes('brokerUrl') && env[SETTINGS.brokerUrl.env] === undefined
}
