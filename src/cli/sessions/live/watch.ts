import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import { z } from 'zod'
import { isApprovalId, isLeaseId } from '../../../lease/lease-id.ts'
import type { SessionSource } from '../../../session/store/reading/session-source.ts'
import { escapedJson } from '../../../support/text/escaped-json.ts'
import { printable } from '../../../support/text/printable.ts'
import { brokerClient } from '../../broker/broker-client.ts'
import { CliError, EndedWith } from '../../command/cli-error.ts'
import { outputOption } from '../../command/output.ts'
import type { Terminal } from '../../command/terminal.ts'
import { askSessions, column } from '../ask-sessions.ts'
import type { OpenSessions } from '../open-sessions.ts'
import { EVER, follow } from './follow.ts'
import { type KeptMark, keepMark } from './keep-mark.ts'
import { type LeaseSession, LeaseSessions } from './lease-sessions.ts'

const LOOK_EVERY_MS = 500
/** Whoever is not told of sessions by the record for so long watches none. */
const AWAY_MS = 10_000
/** Looks of an authorizer, and the way of a cut, on top of a mark's life. */
const CUT_MS = 2000
/** Rows of what began last come a moment later. */
const LAST_LOOK_MS = 1000
/** Lines about what was not shown. */
const MOST_TOLD = 20

const APPROVAL = z.looseObject({ lease: z.string() })

const HELP = `
A template with "watched" lets sessions begin only while this runs. It shows each as it goes on, one after the other, until Ctrl-C or the end of
the lease; of one session alone until that is over. They end when it does: leasegate sessions follow shows without that.`

export function watchCommand(terminal: Terminal, open: OpenSessions): Command {
  return new Command('watch')
    .description('watch the sessions of a lease: those that somebody has to watch begin, and end when nobody does')
    .argument('<which>', 'a lease, an approval of it, or the audit id of a session that runs')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (which: string, { output }: { readonly output: string }) => {
      const stopping = terminal.stopping()
      const here = { ...terminal, stopping: () => stopping }
      const target = await toTarget(here, which)
      // What cannot be shown is not watched: before anything is let through for it.
      const source = await open(here)
      const sessions = await LeaseSessions.open(here, target.lease)
      await watch({ terminal: here, source, sessions, ...target, isJson: output === 'json' })
    })
}

interface Target {
  readonly lease: string
  /** One session alone. */
  readonly only: string | null
}

async function toTarget(terminal: Terminal, which: string): Promise<Target> {
  if (isLeaseId(which)) return { lease: which, only: null }
  if (isApprovalId(which)) {
    const { lease } = await brokerClient(terminal)('GET', `/v1/approvals/${which}`, APPROVAL)
    return { lease, only: null }
  }
  const result = await askSessions(terminal, { session: which, since: EVER })
  const lease = String(result.rows[0]?.[column(result, 'lease')] ?? '')
  if (!isLeaseId(lease)) throw new CliError('refused', 'the record knows no such session')
  return { lease, only: which }
}

interface Watched extends Target {
  readonly terminal: Terminal
  readonly source: SessionSource
  readonly sessions: LeaseSessions
  readonly isJson: boolean
}

async function watch(watched: Watched): Promise<void> {
  const { terminal, lease, sessions } = watched
  const kept = await keepMark(terminal, lease)
  terminal.note(beginning(lease, kept))
  const stopping = AbortSignal.any([terminal.stopping(), kept.lost])
  try {
    await showEach({ ...watched, terminal: { ...terminal, stopping: () => stopping } })
  } finally {
    const isTold = await kept.leave()
    const within = isTold || kept.lost.aborted ? '' : `; the broker does not hear of it: ${endsWithin(kept)}`
    terminal.note(`leasegate: you watch no longer, and what has to be watched ends${within}\n`)
    await pause(LAST_LOOK_MS)
    await sessions.look().catch(() => terminal.note('leasegate: the record does not say what began last\n'))
    tellUnseen(terminal, 'ran while you watched, and you were not shown it', sessions.unseen)
  }
  kept.lost.throwIfAborted()
  if (sessions.unseen.length > 0) throw new EndedWith(1)
}

function beginning(lease: string, kept: KeptMark): string {
  return (
    `leasegate: you (${printable(kept.by)}) watch lease ${lease} from now on: its sessions may begin, and are shown here. ` +
    `They end a second after Ctrl-C, and where this is lost ${endsWithin(kept)}\n`
  )
}

function endsWithin({ markMs }: KeptMark): string {
  return `within ${(markMs + CUT_MS) / 1000} seconds`
}

/** Those that have to be watched: what runs beside them on any terms is told of. */
async function showEach(watched: Watched): Promise<void> {
  const { terminal, only, sessions } = watched
  const stopping = terminal.stopping()
  const told = new Set<string>()
  const begunAt = performance.now()
  let heardAt = begunAt
  while (!stopping.aborted) {
    const isHeard = await looked(sessions, heardAt)
    if (isHeard) heardAt = performance.now()
    const next = only === null ? sessions.waiting[0] : sessions.running.find(({ auditId }) => auditId === only)
    if (!isHeard || next === undefined) {
      if (only === null) tellOf(terminal, sessions, told)
      else if (performance.now() - begunAt > AWAY_MS) throw new CliError('refused', 'this session does not run')
      await pause(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => {})
      continue
    }
    sessions.show(next.auditId)
    told.add(next.auditId)
    await show(next, watched, told)
    if (only !== null) return
    heardAt = performance.now()
    // What was drawn may have wiped away what was said meanwhile, and the newest nobody told of yet.
    if (stopping.aborted || !(await looked(sessions, heardAt))) continue
    tellUnseen(terminal, 'waits to be shown', sessions.waiting)
  }
}

/** False while the record is away, which may be for some seconds. */
async function looked(sessions: LeaseSessions, heardAt: number): Promise<boolean> {
  try {
    await sessions.look()
    return true
  } catch (error) {
    if (performance.now() - heardAt > AWAY_MS) throw error
    return false
  }
}

async function show(one: LeaseSession, watched: Watched, told: Set<string>): Promise<void> {
  const { terminal, isJson } = watched
  const { auditId, kind, what } = one
  terminal.note(`leasegate: session ${auditId}: ${what}\n`)
  if (isJson) terminal.print(`${escapedJson({ kind: 'session', auditId, what })}\n`)
  const over = new AbortController()
  const telling = tellOfOthers(watched, told, over.signal)
  try {
    await (kind === 'portforward' ? waitForEnd(one, watched) : showRecording(one, watched))
  } finally {
    over.abort()
    await telling
  }
}

/** Of one that is over before anything of it was kept there is nothing to watch any more; one that runs unseen ends the watch. */
async function showRecording({ auditId }: LeaseSession, watched: Watched): Promise<void> {
  const { terminal, source, isJson, sessions } = watched
  try {
    await follow({ terminal, source, auditId, isJson, isEnding: true })
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'refused') throw error
    await sessions.look()
    if (sessions.isRunning(auditId)) throw error
    sessions.lose(auditId)
    terminal.note(`leasegate: session ${auditId} is over, and nothing is kept of it\n`)
  }
}

/** One terminal shows one session. That there are others is no secret to whoever lets them run. */
async function tellOfOthers({ terminal, sessions }: Watched, told: Set<string>, over: AbortSignal): Promise<void> {
  const stopping = AbortSignal.any([over, terminal.stopping()])
  while (!stopping.aborted) {
    await sessions.look().catch(() => {})
    tellOf(terminal, sessions, told)
    await pause(AWAY_MS / 5, undefined, { signal: stopping }).catch(() => {})
  }
}

function tellOf(terminal: Terminal, sessions: LeaseSessions, told: Set<string>): void {
  for (const { auditId, what } of [...sessions.running, ...sessions.waiting]) {
    if (told.has(auditId)) continue
    told.add(auditId)
    terminal.note(`\nleasegate: beside this runs ${what}; see it with: leasegate sessions follow ${auditId}\n`)
  }
}

function tellUnseen(terminal: Terminal, how: string, unseen: readonly LeaseSession[]): void {
  for (const { auditId, what } of unseen.slice(0, MOST_TOLD))
    terminal.note(`leasegate: session ${auditId} ${how}: ${what}\n`)
  if (unseen.length > MOST_TOLD) terminal.note(`leasegate: so did ${unseen.length - MOST_TOLD} more\n`)
}

/** Of what goes through a port-forward nothing is kept. */
async function waitForEnd({ auditId }: LeaseSession, { terminal, sessions }: Watched): Promise<void> {
  const stopping = terminal.stopping()
  while (!stopping.aborted) {
    await sessions.look()
    if (!sessions.isRunning(auditId)) return
    await pause(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => {})
  }
}
