import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import {
  approvalEvent,
  asked,
  brokerRefusal,
  decision,
  holdEvent,
  item,
  leaseEvent,
  outcome,
  stopEvent,
} from '../entries.ts'

export const NOW = Date.now()
export const MINUTE = 60_000

const at = (minutes: number): number => NOW - 60 * MINUTE + minutes * MINUTE
const secret = asked({ resource: 'secrets', name: 'db' })
const exec = asked({ verb: 'create', subresource: 'exec' })
const pending = { decision: 'pending', reason: '', approval: 'apr_1' } as const
const denied = { decision: 'deny', reason: '', approval: '' } as const

/** One lease of fixer: issued, reads, is denied, asks for a Secret, gets it, runs exec, is revoked; one request of another agent. */
const read = decision({ auditId: 'read', decidedAt: at(1) })
const remove = decision({
  auditId: 'remove',
  decidedAt: at(2),
  info: asked({ verb: 'delete', resource: 'deployments', apiGroup: 'apps', name: 'web', namespace: 'prod' }),
  intent: 'deny',
  reason: 'out-of-scope',
  detail: 'delete on deployments.apps in prod',
})
const ask = decision({
  auditId: 'ask',
  decidedAt: at(3),
  info: secret,
  intent: 'approval',
  risk: 'secret-read',
  risks: ['worse', 'secret-read'],
})
const used = decision({ auditId: 'used', decidedAt: at(5), info: secret, intent: 'approval', risk: 'secret-read' })
const shell = decision({
  auditId: 'shell',
  decidedAt: at(6),
  info: exec,
  command: ['ls', '-la'],
  container: 'web',
  stdin: true,
  masked: 9,
  detail: 'watched by grace@example.com',
})
const other = decision({
  auditId: 'other',
  decidedAt: at(7),
  lease: 'lse_2',
  agent: 'cleaner',
  info: asked({ verb: 'list', name: '' }),
})
const watch = decision({
  auditId: 'watch',
  decidedAt: NOW - 5000,
  lease: 'lse_2',
  agent: 'cleaner',
  info: asked({ verb: 'watch', name: '' }),
})

const watching = { subject: { kind: 'lease', name: 'lse_1' }, by: 'grace@example.com' } as const

/** All that the record has of them. */
export const ROWS = [
  toRow(item(leaseEvent({ at: at(0), expiresAt: at(90) }))),
  toRow(item(leaseEvent({ at: at(8), event: 'revoked', expiresAt: at(90), by: 'root@example.com', reason: 'odd' }))),
  toRow(item(leaseEvent({ at: at(6.5), lease: 'lse_2', agent: 'cleaner', expiresAt: at(120) }))),
  toRow(item(approvalEvent({ at: at(4) }))),
  toRow(item(holdEvent({ at: at(8), until: at(128) }))),
  toRow(item(stopEvent({ at: at(8) }))),
  toRow(item(stopEvent({ ...watching, at: at(5.9), event: 'watch', reason: '' }))),
  toRow(item(stopEvent({ ...watching, at: at(7.9), event: 'unwatch', reason: 'they left' }))),
  toRow(item(brokerRefusal({ at: at(8) }))),
  toRow(item(brokerRefusal({ at: at(8) }))),
  toRow(item(holdEvent({ at: at(9), event: 'released', by: 'grace@example.com', reason: 'mended' }))),
  toRow(item(read)),
  toRow(item(remove, denied)),
  toRow(item(ask, pending)),
  toRow(item(used, { ...pending, decision: 'allow' })),
  toRow(item(shell)),
  toRow(item(other)),
  toRow(item(watch)),
  toOutcomeRow(outcome(read), ''),
  toOutcomeRow(outcome(remove, { status: 403, forwarded: false, details: 'ext_authz_denied' }), ''),
  toOutcomeRow(outcome(ask, { status: 429, forwarded: false, details: 'ext_authz_denied' }), ''),
  toOutcomeRow(outcome(used, { bytesOut: 900 }), ''),
  toOutcomeRow(outcome(shell, { status: 101, durationMs: 2 * MINUTE, details: 'lease_revoked' }), ''),
  toOutcomeRow(outcome(watch, { phase: 'open', durationMs: 3000, bytesOut: 50 }), ''),
]
