import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { findingsOf } from '../../../findings/report.ts'
import { type AuditEvent, parseAuditLine } from '../../../record/reconcile/audit-event.ts'
import { type Mismatch, reconcileEvents, relevant, unseenBy } from '../../../record/reconcile/reconcile.ts'
import { toReport } from '../../../record/reconcile/to-report.ts'
import type { WatchedUsers } from '../../../record/reconcile/whose.ts'
import { CliError } from '../../command/cli-error.ts'
import type { Terminal } from '../../command/terminal.ts'
import { readPolicy } from '../../policy/read-policy.ts'
import { render, reportOption } from '../../proof/report-output.ts'
import { reconcileLive } from './reconcile-live.ts'
import type { ReconcileOptions } from './reconcile-options.ts'
import { recordLookup } from './record-lookup.ts'

/** At the ends of a log requests may be on one side and not yet on the other. */
const MARGIN_MS = 5000
const HOUR_MS = 3_600_000

export function reconcileCommand(terminal: Terminal): Command {
  return new Command('reconcile')
    .option('--audit-log <file...>', 'audit logs of all API servers, in JSON')
    .option('--listen <address>', 'be an audit webhook instead: unix:/path or host:port; plain HTTP on loopback alone')
    .option('--boundary-user <name...>', "the boundary's account, such as system:serviceaccount:NAMESPACE:NAME")
    .option('--planner-user <name...>', 'the account that makes plans for approvers')
    .option('--policy <file>', 'policy file, for the service accounts that agents have themselves')
    .option('--grace <duration>', 'with --listen: how long record and audit log may be behind', '60s')
    .option('--tls-cert <file>', 'with --listen: certificate')
    .option('--tls-key <file>', 'with --listen: its key')
    .option('--client-ca <file>', 'with --listen: CA of the API server’s client certificate')
    .addOption(reportOption())
    .action(async (options: ReconcileOptions) => {
      const users = await watchedUsers(options)
      if (options.listen !== undefined) return reconcileLive(terminal, options, users, options.listen)
      if (options.auditLog === undefined) throw new CliError('usage', 'name --audit-log FILE, or --listen ADDRESS')
      const report = toReport({ ...(await reconcileFiles(terminal, options.auditLog, users)), ...known(users) })
      terminal.print(render(report, options.output))
      const found = findingsOf(report).length
      if (found > 0) throw new CliError('refused', found === 1 ? 'there is 1 finding' : `there are ${found} findings`)
    })
}

export function known({ boundary, agents }: WatchedUsers) {
  return { knowsBoundary: boundary.length > 0, knowsAgents: agents.length > 0 }
}

async function watchedUsers({ boundaryUser = [], plannerUser = [], policy }: ReconcileOptions): Promise<WatchedUsers> {
  const agents = policy === undefined ? [] : (await readPolicy(policy)).agents.map(agent => agent.match.claims['sub'])
  return { boundary: boundaryUser, planner: plannerUser, agents: agents.filter(sub => sub !== undefined) }
}

async function reconcileFiles(terminal: Terminal, files: readonly string[], users: WatchedUsers) {
  const { events, lines, unreadable, from, until } = await readLogs(files, users)
  const record = recordLookup(terminal)
  const requests = relevant(events, users)
  const seen = new Set(requests.map(({ auditId }) => auditId))
  const mismatches: Mismatch[] = [...(await reconcileEvents(requests, users, record))]
  for (let at = from + MARGIN_MS; at < until - MARGIN_MS; at += HOUR_MS) {
    const span = { from: at, until: Math.min(at + HOUR_MS, until - MARGIN_MS) }
    mismatches.push(...(await unseenBy(seen, span, record)))
  }
  return { events: lines, requests: requests.length, unreadable, mismatches }
}

/** Of a log that may be large only what concerns us is kept; the time it covers is that of all its events. */
async function readLogs(files: readonly string[], users: WatchedUsers) {
  const events: AuditEvent[] = []
  let [lines, unreadable, from, until] = [0, 0, Number.POSITIVE_INFINITY, 0]
  for (const file of files) {
    for await (const line of linesOf(file)) {
      if (line === '') continue
      lines += 1
      const event = parseAuditLine(line)
      if (event === null) unreadable += 1
      else {
        from = Math.min(from, event.receivedAt)
        until = Math.max(until, event.receivedAt)
        events.push(...relevant([event], users))
      }
    }
  }
  return { events, lines, unreadable, from, until }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    throw new CliError('usage', `cannot read ${file}`, error)
  }
}
