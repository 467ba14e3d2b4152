import { Command } from 'commander'
import { MIGRATE_SETTINGS } from '../../config/roles.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { type Told, telling } from '../command/told.ts'
import { withRecord } from './with-record.ts'

interface Options {
  readonly access?: true
  readonly script?: true
}

export function migrateCommand(terminal: Terminal): Command {
  const command = new Command('migrate')
    .option('--script', 'print the tables as SQL instead, for the cluster that is set')
    .option(
      '--access',
      'print roles, limits and examples of row policies as SQL instead, for an administrator to read and run',
    )
  return telling(command, terminal, async ({ access, script }: Options) => {
    if (access === true) return ofScript(await accessScript(terminal))
    if (script === true) return ofScript(await tablesScript(terminal))
    const { bringUpToDate } = await import('../../record/connect/record-config.ts')
    const done = await withRecord(terminal, ({ writer }, config) => bringUpToDate(writer, config))
    return { value: { done }, text: done.length === 0 ? 'nothing to do\n' : done.map(line => `${line}\n`).join('') }
  })
}

function ofScript(sql: string): Told {
  return { value: { sql }, text: sql }
}

async function accessScript(terminal: Terminal): Promise<string> {
  const { readAccess } = await import('../../record/access/read-access.ts')
  return readAccess(settings(terminal, MIGRATE_SETTINGS).clickhouseCluster)
}

async function tablesScript(terminal: Terminal): Promise<string> {
  const { toScript } = await import('../../record/migrations/migrate.ts')
  return toScript(settings(terminal, MIGRATE_SETTINGS).clickhouseCluster)
}
