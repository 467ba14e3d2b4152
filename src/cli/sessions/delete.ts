import { Command } from 'commander'
import type { WhoseSessions } from '../../record/sessions/delete-sessions.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { whoAmI } from '../command/who-am-i.ts'
import { ledgerOf, oneGiven } from '../record/delete.ts'
import { withRecord } from '../record/with-record.ts'

interface Options {
  readonly agent?: string
  readonly sponsor?: string
  readonly lease?: string
  readonly why?: string
  readonly by: string
  readonly yes?: true
}

const STAYS = `What the spool of a tap still holds is written later: run this again then. Backups are not touched; a session in one can be read
as long as its row of session_keys is in one as well.
`

export function deleteSessionsCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .description('delete recorded sessions for good, their keys first; needs the right to change the record')
    .argument('[audit-id]', 'of the request that began the session')
    .option('--agent <name>', 'all of this agent instead')
    .option('--sponsor <name>', 'all of every lease on behalf of this person instead')
    .option('--lease <id>', 'all of this lease instead')
    .option('--why <text>', 'why, which stays; without the name of whose they are')
    .option('--by <name>', 'who does it, which stays', whoAmI())
    .option('--yes', 'do it; without it the sessions are only counted')
    .addHelpText('after', '\nWith the embedded engine the tap must be stopped meanwhile.')
  return telling(command, terminal, async (auditId: string | undefined, options: Options) => {
    const whose = toWhose(auditId, options)
    const { countSessions, deleteSessions } = await import('../../record/sessions/delete-sessions.ts')
    const { clusterOf } = await import('../../record/connect/record-config.ts')
    return withRecord(terminal, async ({ writer }, config) => {
      const sessions = await countSessions(writer, whose)
      const found = `${sessions} recorded sessions\n`
      const { by, why = '' } = options
      const problem = notYet(options.yes === true, why)
      if (problem !== null) return { value: { sessions, deleted: false }, text: found, failure: problem }
      const entered = await ledgerOf(config, writer, { by, why, of: whose.kind })
      await deleteSessions(writer, whose, {
        by,
        why,
        cluster: clusterOf(config),
        ...(entered && { around: entered.around }),
      })
      await entered?.close()
      terminal.note(STAYS)
      return { value: { sessions, deleted: true }, text: `${found}deleted\n` }
    })
  })
}

function notYet(isSure: boolean, why: string): CliError | null {
  if (!isSure) return new CliError('refused', 'nothing was deleted; to do it, say --yes')
  return why === '' ? new CliError('usage', 'say --why: it stays in the place of the session') : null
}

function toWhose(session: string | undefined, { agent, sponsor, lease }: Options): WhoseSessions {
  const otherwise = 'name a session by its audit id, or one of --agent, --sponsor, --lease'
  return oneGiven({ session, agent, sponsor, lease }, otherwise)
}
