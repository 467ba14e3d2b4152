import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import { z } from 'zod'
import { isApprovalId, isLeaseId } from '../../../lease/lease-id.ts'
import type { SessionSource } from '../../../session/store/reading/session-source.ts'
import { escapedJson } from '../../../support/escaped-json.ts'
import { printable } from '../../../support/printable.ts'
import { brokerClient } from '../../broker-client.ts'
import { CliError } from '../../cli-error.ts'
import { outputOption } from '../../output.ts'
import type { Terminal } from '../../terminal.ts'
import { askSessions, column } from '../ask-sessions.ts'
import type { OpenSessions } from '../open-sessions.ts'
import { EVER, follow } from './follow.ts'
import { type KeptMark, keepMark } from './keep-mark.ts'

const LOOK_EVERY_MS = 500
/** Whoever is not told of sessions by the record for so long watches none. */
const AWAY_MS = 10_000
/** Looks of an authorizer, and the way of a cut, on top of a mark's life. */
const CUT_MS = 2000

const APPROVAL = z.looseObject({ lease: z.string() })

const HELP = `
such as: leasegate sessions watch lse_…
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
      await runningUnder(here, target.lease)
      await watch({ terminal: here, source, ...target, isJson: output === 'json' })
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
  readonly isJson: boolean
}

async function watch(watched: Watched): Promise<void> {
  const { terminal, lease } = watched
  const kept = await keepMark(terminal, lease)
  terminal.note(beginning(lease, kept))
  const stopping = AbortSignal.any([terminal.stopping(), kept.lost])
  try {
    await showEach({ ...watched, terminal: { ...terminal, stopping: () => stopping } })
  } finally {
    const isTold = await kept.leave()
    const within = isTold || kept.lost.aborted ? '' : `; the broker does not hear of it: ${endsWithin(kept)}`
    terminal.note(`leasegate: you watch no longer, and what has to be watched ends${within}\n`)
  }
  kept.lost.throwIfAborted()
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

interface Running {
  readonly auditId: string
  readonly kind: string
  readonly what: string
  /** It had to be watched when it began. */
  readonly isWatched: boolean
}

async function runningUnder(terminal: Terminal, lease: string): Promise<readonly Running[]> {
  const result = await askSessions(terminal, { lease, running: true })
  const cell = (row: readonly unknown[], name: string) => String(row[column(result, name)] ?? '')
  return result.rows.toReversed().map(row => {
    const words = ['kind', 'namespace', 'pod', 'command'].map(name => cell(row, name))
    const what = printable(words.join(' ').trim())
    return { auditId: cell(row, 'audit_id'), kind: cell(row, 'kind'), what, isWatched: cell(row, 'watched_by') !== '' }
  })
}

/** Those that have to be watched: what runs beside them on any terms is told of. */
async function showEach(watched: Watched): Promise<void> {
  const { terminal, lease, only } = watched
  const stopping = terminal.stopping()
  const [shown, told] = [new Set<string>(), new Set<string>()]
  const begunAt = performance.now()
  let heardAt = begunAt
  while (!stopping.aborted && !(only !== null && shown.has(only))) {
    const running = await runningUnder(terminal, lease).catch(error => {
      if (performance.now() - heardAt > AWAY_MS) throw error
      return null
    })
    if (running !== null) heardAt = performance.now()
    const next = running?.find(one => !shown.has(one.auditId) && (only === null ? one.isWatched : only === one.auditId))
    if (next === undefined) {
      if (only === null) tellOf(terminal, running ?? [], told)
      else if (performance.now() - begunAt > AWAY_MS) throw new CliError('refused', 'this session does not run')
      await pause(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => {})
      continue
    }
    for (const ids of [shown, told]) ids.add(next.auditId)
    await show(next, watched, told)
    heardAt = performance.now()
  }
}

async function show(one: Running, watched: Watched, told: Set<string>): Promise<void> {
  const { terminal, source, isJson } = watched
  const { auditId, kind, what } = one
  terminal.note(`leasegate: session ${auditId}: ${what}\n`)
  if (isJson) terminal.print(`${escapedJson({ kind: 'session', auditId, what })}\n`)
  const over = new AbortController()
  const telling = tellOfOthers(watched, told, over.signal)
  try {
    if (kind === 'portforward') await waitForEnd(one, watched)
    else await follow({ terminal, source, auditId, isJson, isEnding: true })
  } finally {
    over.abort()
    await telling
  }
}

/** One terminal shows one session. That there are others is no secret to whoever lets them run. */
async function tellOfOthers({ terminal, lease }: Watched, told: Set<string>, over: AbortSignal): Promise<void> {
  const stopping = AbortSignal.any([over, terminal.stopping()])
  while (!stopping.aborted) {
    tellOf(terminal, await runningUnder(terminal, lease).catch(() => []), told)
    await pause(AWAY_MS / 5, undefined, { signal: stopping }).catch(() => {})
  }
}

function tellOf(terminal: Terminal, running: readonly Running[], told: Set<string>): void {
  for (const { auditId, what } of running.filter(each => !told.has(each.auditId))) {
    told.add(auditId)
    terminal.note(`\nleasegate: beside this runs ${what}; see it with: leasegate sessions follow ${auditId}\n`)
  }
}

/** Of what goes through a port-forward nothing is kept. */
async function waitForEnd({ auditId }: Running, { terminal, lease }: Watched): Promise<void> {
  const stopping = terminal.stopping()
  while (!stopping.aborted) {
    const running = await runningUnder(terminal, lease)
    if (!running.some(each => each.auditId === auditId)) return
    await pause(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => {})
  }
}
