import type { Checked, Finding, Report, Severity } from '../../findings/report.ts'
import type { AuditEvent } from './audit-event.ts'
import { describe } from './compare.ts'
import type { Mismatch } from './reconcile.ts'

export interface Compared {
  readonly events: number
  /** Requests of leased identities, agents and the boundary among them. */
  readonly requests: number
  /** Lines or items that were no events. */
  readonly unreadable: number
  readonly mismatches: readonly Mismatch[]
  readonly knowsBoundary: boolean
  readonly knowsAgents: boolean
}

const AROUND = {
  bare: 'the credential of the boundary acted as itself',
  stranger: 'the credential of the boundary acted as somebody who is no leased identity',
  foreign: 'somebody else acted as a leased identity',
  direct: 'somebody is a leased identity without the boundary',
  agent: 'an agent reached the API server as itself',
} as const

/** Each finding of `leasegate reconcile` under the sentence that it contradicts. */
export function toReport(compared: Compared): Report {
  const { events, requests, unreadable, mismatches, knowsBoundary, knowsAgents } = compared
  const about = (...kinds: readonly string[]) => mismatches.filter(one => kinds.includes(topic(one))).map(toFinding)
  const tried = [`${requests} requests that concern us among ${events} events`]
  const check = (name: string, title: string, findings: readonly Finding[], shown = tried): Checked => {
    return { name, title, tried: shown, seen: [], findings }
  }
  return {
    title: 'leasegate reconcile: the record and the audit log of the API server',
    checks: [
      check('audit-log-readable', 'The audit log can be read', unreadableFinding(unreadable, events)),
      check('on-record', 'Every request of a leased identity is on record', about('no-row')),
      check(
        'as-recorded',
        'Decision, verb, object and identity are those of the record',
        about('different', 'refused'),
      ),
      check('once', 'No audit id came with two requests', about('repeated')),
      check('nobody-else', 'Nobody but the boundary acts as a leased identity', about('foreign', 'direct')),
      check(
        'boundary-account',
        "The boundary's account acts as leased identities alone",
        about('bare', 'stranger'),
        knowsBoundary ? tried : [],
      ),
      check('agents-themselves', 'No agent reaches the API server as itself', about('agent'), knowsAgents ? tried : []),
      check('arrived', 'The API server saw what the record calls forwarded', about('unseen')),
    ],
  }
}

function topic(mismatch: Mismatch): string {
  return mismatch.kind === 'around' ? mismatch.whose : mismatch.kind
}

export function toFinding(mismatch: Mismatch): Finding {
  switch (mismatch.kind) {
    case 'no-row':
      return finding('critical', `no row for ${request(mismatch.event)}`, PASSED, KEYS)
    case 'different': {
      const all = mismatch.differences.map(one => `${one.aspect}: recorded ${one.recorded}, done ${one.audited}`)
      return finding('critical', `${request(mismatch.event)} is recorded otherwise: ${all.join('; ')}`, OTHERWISE, KEYS)
    }
    case 'repeated':
      return finding('critical', `the audit id came before: ${request(mismatch.event)}`, REPEATED, KEYS)
    case 'refused':
      return finding('error', `not allowed to act as the agent: ${request(mismatch.event)}`, REFUSED, RBAC)
    case 'around':
      return around(mismatch)
    case 'unseen': {
      const { row } = mismatch
      const what = `${row.verb} ${row.isResource ? describe(row) : row.path} by ${row.agent} (${row.auditId})`
      return finding('error', `not in the audit log: ${what}`, UNSEEN, LOGS)
    }
  }
}

function around({ event, whose }: Extract<Mismatch, { readonly kind: 'around' }>): Finding {
  const refused = event.status === 401 || event.status === 403
  const severity = whose === 'agent' && refused ? 'warning' : 'critical'
  const why = refused ? 'it was refused, and yet somebody tried' : 'nobody judged or recorded it'
  const mend = whose === 'agent' ? 'take its rights: leasegate verify --kubeconfig FILE shows them' : KEYS
  return finding(severity, `${AROUND[whose]}: ${request(event)}`, why, mend)
}

const PASSED = 'it reached the cluster without passing the boundary, or the record lost it'
const OTHERWISE = 'what was judged is not what was done, or somebody used the audit id of another request'
const REPEATED = 'somebody who knows the audit id of a recorded request may hide another one behind it'
const REFUSED = 'what the boundary allows does not work'
const UNSEEN = 'its audit policy leaves it out, a log is missing (each API server has its own), or the record is wrong'
const KEYS = "find out who holds the boundary's credential, then replace it"
const RBAC = 'grant what this prints: leasegate policy rbac POLICY'
const LOGS = 'give the logs of all API servers, at level Metadata for the group leasegate:agents'

function finding(severity: Severity, what: string, why: string, mend: string): Finding {
  return { severity, what, why, mend }
}

function unreadableFinding(unreadable: number, events: number): readonly Finding[] {
  if (unreadable === 0 && events > 0) return []
  const what = unreadable === 0 ? 'there are no events' : `${unreadable} entries are no audit.k8s.io/v1 events`
  return [
    finding(
      'unknown',
      what,
      'nothing is known about what they stand for',
      'give an audit log in JSON, one event a line',
    ),
  ]
}

/** `get pods web-1 in shop by leasegate:fixer via system:serviceaccount:… from 10.0.0.7 at … (audit id)`. */
function request({ auditId, verb, object, path, user, as, source, receivedAt, status }: AuditEvent): string {
  const who = as === null ? user : `${as.user} via ${user}`
  const what = `${verb} ${object === null ? path : describe(object)}`
  const at = new Date(receivedAt).toISOString()
  return `${what} by ${who} from ${source} at ${at}, status ${status} (${auditId.slice(0, 64)})`
}
