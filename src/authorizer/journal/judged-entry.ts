import type { Lease } from '../../lease/lease.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { Policy } from '../../policy/policy.ts'
import { entryText, MAX_ENTRY_BYTES } from '../../record/journal/entry-text.ts'
import type { DecisionEntry } from '../../record/journal/journal-entry.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import type { SameEntry } from '../head/known-heads.ts'
import type { Known } from '../settle.ts'
import { asked, askedAgain, keptDetail } from './asked.ts'

interface Judged {
  readonly http: HttpRequest
  readonly known: Known
  readonly lease: Lease
  readonly verdict: Verdict
  /** Who watches, of a session that somebody has to watch; empty: nobody does. */
  readonly watchers?: readonly string[]
  readonly policy: Policy
}

/** What is journaled of a judged request, as it is kept. */
export function judgedEntry(judged: Judged): string {
  return sameEntry(judged) ?? entryText(toEntry(judged))
}

function toEntry({ http, known, lease, verdict, watchers = [], policy }: Judged): DecisionEntry {
  return {
    ...asked(http, known, policy.mask),
    agent: lease.agent,
    sponsor: lease.sponsor,
    task: lease.task,
    lease: lease.id,
    template: lease.template,
    policyRevision: policy.revision,
    intent: verdict.kind,
    reason: verdict.kind === 'deny' ? verdict.reason : '',
    detail: keptDetail(verdict.kind === 'deny' ? verdict.detail : watchedBy(watchers), http, policy.mask),
    rule: verdict.kind === 'deny' ? '' : verdict.rule,
    risk: verdict.risk?.id ?? '',
    risks: verdict.risks,
  }
}

function watchedBy(watchers: readonly string[]): string {
  return watchers.length === 0 ? '' : `watched by ${watchers.join(', ')}`
}

/** Room for what is another each time, and for a character of three bytes in the place of each. */
const MOST_MEMBERS = MAX_ENTRY_BYTES / 3 - 1024

/**
 * The entry of what was asked before in the same words, and is answered as it was: all but its id, its time and the session of its command
 * is the text that was made then. Null where nothing was said before, or something else is said now.
 */
function sameEntry(judged: Judged): string | null {
  const { http, known, verdict, watchers = [], policy } = judged
  const { said } = known
  if (said === null || said.verdict !== verdict || said.policy !== policy || watchers.length > 0) return null
  if (said.entry === undefined) said.entry = membersOf(judged)
  if (said.entry === null) return null
  const { kubectlSession, masked } = askedAgain(http, policy.mask)
  const own = JSON.stringify({
    kind: 'decision',
    auditId: known.auditId,
    decidedAt: known.decidedAt,
    kubectlSession,
    masked: masked + said.entry.masked,
  })
  return `${own.slice(0, -1)},${said.entry.members}}`
}

function membersOf(judged: Judged): SameEntry | null {
  const { kind: _, auditId, decidedAt, kubectlSession, masked, ...same } = toEntry(judged)
  const members = JSON.stringify(same).slice(1, -1)
  if (members.length > MOST_MEMBERS) return null
  return { members, masked: masked - askedAgain(judged.http, judged.policy.mask).masked }
}
