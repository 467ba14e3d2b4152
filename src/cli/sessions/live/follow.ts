import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import { EventText } from '../../../session/reading/event-text.ts'
import { parseEnding } from '../../../session/reading/parse-ending.ts'
import { replay } from '../../../session/replay/replay.ts'
import { followSession } from '../../../session/store/reading/follow-session.ts'
import type { SessionSource, StoredSession } from '../../../session/store/reading/session-source.ts'
import { escapedJson } from '../../../support/text/escaped-json.ts'
import { printable } from '../../../support/text/printable.ts'
import { CliError } from '../../command/cli-error.ts'
import { outputOption } from '../../command/output.ts'
import type { Terminal } from '../../command/terminal.ts'
import { askRecord } from '../../record/query/query-runner.ts'
import { askSessions, column } from '../ask-sessions.ts'
import type { OpenSessions } from '../open-sessions.ts'
import { endingText } from '../text/ending-text.ts'

/** Longer than any record is kept. */
export const EVER = '3650d'
const SAID_WITHIN_MS = 10_000
const ASK_EVERY_MS = 250

const HELP = `
It shows a second or two later what the agent is shown. Ctrl-C ends the showing and not the session: leasegate sessions end does that.`

export function followCommand(terminal: Terminal, open: OpenSessions): Command {
  return new Command('follow')
    .description(
      'show a session that runs: what was shown so far, and then as it goes on; what would act on the terminal is left out',
    )
    .argument('<audit-id>', 'of the request that began it: leasegate sessions list --running')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (auditId: string, { output }: { readonly output: string }) => {
      await follow({ terminal, source: await open(terminal), auditId, isJson: output === 'json' })
    })
}

export interface Shown {
  readonly terminal: Terminal
  readonly source: SessionSource
  readonly auditId: string
  /** A line for each event, and one for the end. */
  readonly isJson: boolean
  /** Aborted when it is to be shown no longer; the terminal's own end of it counts as well. */
  readonly stopping?: AbortSignal
  /** Whether the session ends when it is shown no longer. */
  readonly isEnding?: true
}

/** Resolves when the session has ended, or was told to stop. */
export async function follow({ terminal, source, auditId, isJson, stopping: asked, isEnding }: Shown): Promise<void> {
  const stopping = AbortSignal.any([terminal.stopping(), ...(asked === undefined ? [] : [asked])])
  const isOver = () => isDone(terminal, auditId)
  const session = await followSession({ source, auditId, stopping, isOver })
  if (session === null) throw new CliError('refused', 'nothing is kept of this session')
  const why = async (): Promise<string | null> => (await source.open(auditId))?.ended?.why ?? null
  if (isJson) return print({ terminal, session, why, stopping })
  const wait = async (): Promise<void> => {}
  const shown = await replay(session, { speed: 1, idleMs: 0, fromMs: 0, write: terminal.print, wait, stopping })
  if (stopping.aborted) return terminal.note(`\nleasegate: no longer shown${isEnding ? '' : '; the session goes on'}\n`)
  terminal.note(endingText(shown, await otherwise(terminal, auditId, await why())))
}

/** Of a session whose command did not say how it ended. */
async function otherwise(terminal: Terminal, auditId: string, why: string | null): Promise<string> {
  const result = await askRecord(terminal, {
    kind: 'saved',
    name: 'stops',
    params: { subject: 'session', name: auditId },
  })
  const [by, reason] = ['by', 'reason'].map(name => printable(String(result.rows[0]?.[column(result, name)] ?? '')))
  const ended = result.rows.length === 0 ? 'otherwise' : await endReasonOf(terminal, auditId)
  if (ended === 'session cut') return `it was ended by ${by}: ${reason}`
  if (ended === '') return `${by} wanted it to end (${reason}); the record does not say yet whether that ended it`
  return why === null ? 'its recording has no end yet' : `it is over: ${printable(why)}`
}

/**
 * What ended its request, as Envoy said, whose word comes some moments after the recording's; empty while it did not. That somebody asked for an
 * end is no sign that there was one.
 */
async function endReasonOf(terminal: Terminal, session: string): Promise<string> {
  const until = performance.now() + SAID_WITHIN_MS
  for (;;) {
    const result = await askSessions(terminal, { session, since: EVER })
    const reason = String(result.rows[0]?.[column(result, 'end_reason')] ?? '')
    if (reason !== '' || performance.now() > until || terminal.stopping().aborted) return reason
    await pause(ASK_EVERY_MS)
  }
}

interface Printed {
  readonly terminal: Terminal
  readonly session: StoredSession
  readonly why: () => Promise<string | null>
  readonly stopping: AbortSignal
}

async function print({ terminal, session, why, stopping }: Printed): Promise<void> {
  const text = new EventText()
  let status = ''
  for await (const event of session.events()) {
    const { atMs, kind, hidden } = event
    const said = text.of(event)
    if (kind === 'status') status += said
    terminal.print(`${escapedJson({ atMs, kind, text: said, ...(hidden === undefined ? {} : { hidden }) })}\n`)
  }
  if (!stopping.aborted)
    terminal.print(`${escapedJson({ kind: 'end', ended: parseEnding(status), why: await why() })}\n`)
}

/** By the access log: Envoy reports what it has open every few seconds. */
async function isDone(terminal: Terminal, session: string): Promise<boolean> {
  const result = await askSessions(terminal, { session, since: EVER })
  const state = result.rows[0]?.[column(result, 'state')]
  return state === 'done' || state === 'committed, not forwarded'
}
