import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { listenAddress } from '../../../config/parsers.ts'
import { parseDuration } from '../../../policy/file/values/duration.ts'
import { startAuditWebhook, type WebhookTls } from '../../../record/reconcile/audit-webhook.ts'
import { LiveReconciler } from '../../../record/reconcile/live-reconciler.ts'
import type { Mismatch } from '../../../record/reconcile/reconcile.ts'
import { toFinding } from '../../../record/reconcile/to-report.ts'
import type { WatchedUsers } from '../../../record/reconcile/whose.ts'
import type { ListenAddress } from '../../../support/net/listen.ts'
import { printable } from '../../../support/text/printable.ts'
import { CliError } from '../../command/cli-error.ts'
import type { Terminal } from '../../command/terminal.ts'
import type { ReconcileOptions } from './reconcile-options.ts'
import { recordLookup } from './record-lookup.ts'

const MAX_WAITING = 200_000

/** Runs until it is asked to stop; prints a line a finding as soon as it is sure. */
export async function reconcileLive(
  terminal: Terminal,
  options: ReconcileOptions,
  users: WatchedUsers,
  where: string,
): Promise<void> {
  const graceMs = parseDuration(options.grace)
  if (graceMs === null || graceMs < 1000) throw new CliError('usage', '--grace must be a duration of 1s or more')
  const tls = await readTls(options)
  const address = toAddress(where, tls)
  const record = recordLookup(terminal)
  const reconciler = new LiveReconciler({ users, record, graceMs, maxWaiting: MAX_WAITING, now: Date.now })
  const stopping = terminal.stopping()
  let found = 0
  const tell = (mismatches: readonly Mismatch[]): void => {
    found += mismatches.length
    for (const mismatch of mismatches) terminal.print(line(mismatch, options.output))
  }
  const webhook = await startAuditWebhook({
    address,
    tls,
    onEvents: (events, bad) => {
      if (bad > 0) terminal.note(`leasegate: ${bad} items are no audit.k8s.io/v1 events\n`)
      return reconciler.add(events)
    },
  })
  terminal.note(`leasegate: listening on ${where}\n`)
  const settle = (all: boolean): Promise<void> =>
    reconciler.settle(all).then(tell, error => {
      if (!(error instanceof CliError)) throw error
      terminal.note(`leasegate: the record does not answer, events wait: ${error.message}\n`)
    })
  while (!stopping.aborted) {
    await pause(Math.min(graceMs / 4, 5000), undefined, { signal: stopping }).catch(() => undefined)
    if (!stopping.aborted) await settle(false)
  }
  await webhook.stop()
  await settle(true)
  terminal.note(`leasegate: ${reconciler.compared} requests compared, ${found} findings\n`)
  if (found > 0) throw new CliError('refused', found === 1 ? 'there is 1 finding' : `there are ${found} findings`)
}

function line(mismatch: Mismatch, output: ReconcileOptions['output']): string {
  const { severity, what, why, mend } = toFinding(mismatch)
  const found = { at: new Date().toISOString(), check: mismatch.kind, severity, what, why, mend }
  return output === 'json' ? `${JSON.stringify(found)}\n` : `${printable(`${severity.toUpperCase()}  ${what}`)}\n`
}

/** Whoever may send events could send false ones: beyond loopback only with certificates on both sides. */
function toAddress(where: string, tls: WebhookTls | null): ListenAddress {
  const local = listenAddress(where)
  if (local.kind === 'ok') return local.value
  const [, host, port] = /^(?:\[([0-9a-f:]+)\]|[\w.-]+):(\d{1,5})$/i.exec(where) ?? []
  if (tls === null || port === undefined || Number(port) > 65_535) {
    throw new CliError('usage', `--listen ${local.message}; any other with --tls-cert, --tls-key and --client-ca`)
  }
  return { kind: 'tcp', host: host ?? where.slice(0, where.lastIndexOf(':')), port: Number(port) }
}

async function readTls({ tlsCert, tlsKey, clientCa }: ReconcileOptions): Promise<WebhookTls | null> {
  if (tlsCert === undefined && tlsKey === undefined && clientCa === undefined) return null
  if (tlsCert === undefined || tlsKey === undefined || clientCa === undefined) {
    throw new CliError('usage', '--tls-cert, --tls-key and --client-ca go together')
  }
  const read = (file: string): Promise<string> =>
    readFile(file, 'utf8').catch(error => {
      throw new CliError('usage', `cannot read ${file}`, error)
    })
  const [certificate, key, ca] = await Promise.all([read(tlsCert), read(tlsKey), read(clientCa)])
  return { certificate, key, clientCa: ca }
}
