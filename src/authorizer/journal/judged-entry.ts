import type { Lease } from '../../lease/lease.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { Policy } from '../../policy/policy.ts'
import { entryText, MAX_ENTRY_BYTES } from '../../record/journal/entry-text.ts'
import type { DecisionEntry } from '../../record/journal/journal-entry.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import { isPlainText, type Said, type SameEntry } from '../head/said.ts'
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

/**
 * The entry of what was asked before in the same words, and is answered as it was: all but its id, its time, the session of its command and the object
 * that it is about is the text that was made then. Null where nothing was said before, or something else is said now.
 */
function sameEntry(judged: Judged): string | null {
  const { http, known, verdict, watchers = [], policy } = judged
  const { said } = known
  if (said === null || said.verdict !== verdict || said.policy !== policy || watchers.length > 0) return null
  if (said.entry === undefined) said.entry = toSame(judged, said)
  const members = said.entry === null ? null : membersOf(said.entry, known)
  if (said.entry === null || members === null) return null
  const { kubectlSession, masked } = askedAgain(http, policy.mask)
  const own = JSON.stringify({
    kind: 'decision',
    auditId: known.auditId,
    decidedAt: known.decidedAt,
    kubectlSession,
    masked: masked + said.entry.masked,
  })
  return `${own.slice(0, -1)},${members}}`
}

/** Room for what is another each time, and for a character of three bytes in the place of each. */
const MOST_MEMBERS = MAX_ENTRY_BYTES / 3 - 1024

/** With path and name of the object in their places, which say what they are; null for what is written in another way, or is too long. */
function membersOf({ pieces }: SameEntry, { request }: Known): string | null {
  const [first, between, last] = pieces
  if (between === undefined || last === undefined) return first
  const { path = '', info } = request ?? {}
  const name = info?.name ?? ''
  if (!isPlainText(name)) return null
  const members = `${first}${path}${between}${name}${last}`
  return members.length > MOST_MEMBERS ? null : members
}

/** Stand in no text that anybody sends: control characters are none of theirs. */
const PATH = '\u0001'
const NAME = '\u0002'

function toSame(judged: Judged, { isOfOne }: Said): SameEntry | null {
  const { kind: _, auditId, decidedAt, kubectlSession, masked, ...same } = toEntry(judged)
  const hidden = masked - askedAgain(judged.http, judged.policy.mask).masked
  const all = membersText(same)
  if (all.length > MOST_MEMBERS) return null
  if (isOfOne) return { pieces: [all], masked: hidden }
  const info = same.info === null ? null : { ...same.info, name: NAME }
  const [first = '', between, last, more] = membersText({ ...same, path: PATH, info }).split(MARKS)
  return between === undefined || last === undefined || more !== undefined
    ? null
    : { pieces: [first, between, last], masked: hidden }
}

const MARKS = /\\u000[12]/

function membersText(members: object): string {
  return JSON.stringify(members).slice(1, -1)
}
