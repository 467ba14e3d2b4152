import { hostname } from 'node:os'
import { Command } from 'commander'
import type { RecordConfig } from '../../config/roles.ts'
import type { Deletion } from '../../record/audit/checks/check-deletions.ts'
import type { EnteredDeletion } from '../../record/audit/enter-deletion.ts'
import type { ClickHouse } from '../../record/clickhouse.ts'
import type { shareLedger } from '../../record/share-ledger.ts'
import type { Found, Whose } from '../../record/upkeep/delete-rows.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { whoAmI } from '../command/who-am-i.ts'
import { withRecord } from './with-record.ts'

interface Options {
  readonly agent?: string
  readonly sponsor?: string
  readonly lease?: string
  readonly why?: string
  readonly by: string
  readonly yes?: true
}

const STAYS = `What the journal still holds is written later: run this again then. Logs, backups, dead letters, Redis
(leases until they end) and the audit log of the API server are not touched.
`

export function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .description('delete the rows of one agent, one person or one lease for good; needs the right to change the record')
    .option('--agent <name>', 'of this agent')
    .option(
      '--sponsor <name>',
      'of every lease on behalf of this person; their name goes from answers to others as well',
    )
    .option('--lease <id>', 'of this lease')
    .option('--why <text>', 'why, for the ledger of the record, which keeps it; without the name of whose they are')
    .option('--by <name>', 'who does it, for the ledger', whoAmI())
    .option('--yes', 'do it; without it the rows are only counted')
    .addHelpText(
      'after',
      '\nWith the embedded engine the tap must be stopped meanwhile; nothing is lost, the journal keeps.',
    )
  return telling(command, terminal, async (options: Options) => {
    const whose = toWhose(options)
    const { deleteRows, findRows } = await import('../../record/upkeep/delete-rows.ts')
    const { countSessions, deleteSessions } = await import('../../record/sessions/delete-sessions.ts')
    const { clusterOf } = await import('../../record/connect/record-config.ts')
    return withRecord(terminal, async ({ writer }, config) => {
      const [rows, sessions] = [await findRows(writer, whose), await countSessions(writer, whose)]
      const [found, text] = [{ ...rows, sessions }, toText(rows, sessions)]
      if (options.yes !== true) {
        const failure = new CliError('refused', 'nothing was deleted; to do it, say --yes')
        return { value: { ...found, deleted: false }, text, failure }
      }
      const said = { by: options.by, why: options.why ?? '' }
      const entered = await ledgerOf(config, writer, { ...said, of: whose.kind })
      const cluster = clusterOf(config)
      // Before the rows that say whose they are.
      await deleteSessions(writer, whose, { ...said, cluster, ...(entered && { around: entered.around }) })
      await deleteRows(writer, whose, cluster, entered?.around)
      await entered?.close()
      terminal.note(STAYS)
      return { value: { ...found, deleted: true }, text: `${text}deleted\n` }
    })
  })
}

/** Deletes what is in a ledger so that it can be told from what somebody took away. */
export async function ledgerOf(
  config: RecordConfig,
  writer: ClickHouse['writer'],
  why: Pick<Deletion, 'by' | 'why' | 'of'>,
): Promise<EnteredDeletion | null> {
  const { openLedger } = await import('../../record/connect/record-config.ts')
  const own = await openLedger(config, `eraser ${hostname()}`)
  if (own === null) return null
  if (why.why === '') throw new CliError('usage', 'the record has a ledger, which wants to know --why')
  const { enterDeletion } = await import('../../record/audit/enter-deletion.ts')
  const entered = await enterDeletion(own.ledger, writer, why)
  return {
    ...entered,
    close: async () => {
      await entered.close()
      await shared(config, own.ledger)
    },
  }
}

/** What is done is done and entered; only whoever looks from elsewhere does not see it yet. */
export async function shared(config: RecordConfig, ledger: Parameters<typeof shareLedger>[1]): Promise<void> {
  const { shareLedger } = await import('../../record/share-ledger.ts')
  await shareLedger(config, ledger).catch(error => {
    const why = error instanceof Error ? error.message : 'unknown error'
    throw new CliError(
      'unavailable',
      `done, but what was entered is not in the second place yet, or not cosigned: ${why}; the next one brings it there`,
      error,
    )
  })
}

/** The one of these that was given; `otherwise` is said where none was, or several. */
export function oneGiven<Kind extends string>(
  given: Readonly<Record<Kind, string | undefined>>,
  otherwise: string,
): { readonly kind: Kind; readonly name: string } {
  const [one, ...others] = (Object.keys(given) as Kind[]).flatMap(kind => {
    const name = given[kind]
    return name ? [{ kind, name }] : []
  })
  if (one === undefined || others.length > 0) throw new CliError('usage', otherwise)
  return one
}

function toWhose({ agent, sponsor, lease }: Options): Whose {
  return oneGiven({ agent, sponsor, lease }, 'name one of --agent, --sponsor, --lease')
}

function toText({ requests, leases, approvals, named }: Found, sessions: number): string {
  const also = named === 0 ? '' : `, and the name in ${named} answers to others`
  return `${requests} requests, ${leases} leases, ${approvals} approvals, ${sessions} recorded sessions${also}\n`
}
