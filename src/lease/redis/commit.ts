import { z } from 'zod'
import { KEEP_ASKED_MS, partitionPrefix } from '../../redis/keys.ts'
import { parseReply } from '../../redis/parse-reply.ts'
import { RedisError } from '../../redis/redis-error.ts'
import type { Committed, Nearly } from '../committed.ts'
import { ASKABLE_BUDGETS, BUDGETS, type Budget } from '../lease.ts'
import { isApprovalId, isLeaseId, partitionOf } from '../lease-id.ts'
import type { Commit } from '../lease-store.ts'
import type { Limits } from '../limits.ts'
import { AGAIN, PARTS } from '../questions/again.ts'
import { MOST_OF_SERIES } from '../questions/series.ts'
import { SLICE_SECONDS } from '../stream/session-seconds.ts'
import { endedSchema } from './states.ts'

/** Marks of one partition's journal: past the high one writes and exec are denied, past the hard one everything is. */
export interface JournalMarks {
  readonly journalHighMark: number
  readonly journalHardLimit: number
  readonly journalHighBytes: number
  readonly journalHardBytes: number
}

/** Longer than Envoy could ever ask the same again. */
export const ONCE_MS = 3 * 60_000

/** What this process adds to what the caller asks. */
export interface Sending {
  readonly marks: JournalMarks
  readonly limits: Limits
  /** What it knows against the request: the reason that is journaled, and what is then settled. */
  readonly against: { readonly reason: string; readonly result: Committed } | null
  /** A signed yes that it has verified, else ''. */
  readonly proof: string
}

/** KEYS of the script. */
export function commitKeys({ id, lease }: Commit): string[] {
  const prefix = partitionPrefix(partitionOf(lease.id))
  return [`${prefix}journal`, `${prefix}once:${id}`]
}

/** ARGV of the script; throws for what is no request of this store. */
export function commitArguments(commit: Commit, { marks, limits, against, proof }: Sending): (string | number)[] {
  const { lease, now, intent, risky, entry, narrowed = [] } = commit
  const chain = [lease.id, ...lease.ancestors]
  if (!chain.every(one => isLeaseId(one) && partitionOf(one) === partitionOf(lease.id))) {
    throw new RedisError('refused', 'commit: not a lease of this store')
  }
  if (commit.limits.length !== chain.length)
    throw new RedisError('refused', 'commit: the limits of a lease are missing')
  const take = intent.kind === 'deny' ? [] : intent.take
  const digest = intent.kind === 'approval' ? intent.digest : ''
  const args = [
    partitionPrefix(partitionOf(lease.id)),
    now,
    narrowed.every(times => times === 0) ? chain.join(' ') : `${chain.join(' ')}/${narrowed.join(' ')}`,
    lease.expiresAt,
    intent.kind,
    intent.kind === 'deny' || intent.object === undefined ? take.join(' ') : `${take.join(' ')}/${intent.object}`,
    commit.limits.flatMap(budgets => take.map(budget => limitOf(budgets[budget], budget, intent))).join(' '),
    risky ? 1 : 0,
    marks.journalHighMark,
    marks.journalHighBytes,
    marks.journalHardLimit,
    marks.journalHardBytes,
    ONCE_MS,
    `${lease.id} ${intent.kind} ${digest}`,
    entry,
    against === null ? '' : `${against.reason}\n${JSON.stringify(against.result)}`,
  ]
  if (intent.kind !== 'approval') return args
  return [...args, ...questionArguments(intent, lease.agent, limits, proof), mostQuestions(commit.limits)]
}

/** With a sign where more of it may be had by a yes: `?` to be asked for, `!` is asked for. */
function limitOf(most: number | undefined, budget: Budget, intent: Commit['intent']): number | string {
  if (most === undefined) return '-'
  if (intent.kind === 'deny') return most
  const { askBeyond, beyond } = intent
  if (beyond?.some(one => one === budget)) return `${most}!`
  return askBeyond?.some(one => one === budget) ? `${most}?` : most
}

function questionArguments(
  intent: Extract<Commit['intent'], { readonly kind: 'approval' }>,
  agent: string,
  limits: Limits,
  proof: string,
): (string | number)[] {
  const { digest, proposedId, question, askMs, useMs, subject, about, parts, series, lasting } = intent
  if (!isApprovalId(proposedId)) throw new RedisError('refused', 'commit: not an approval id')
  const most = [limits.questionBytes, limits.questionsOfLease, limits.questionsOfAgent, limits.questionsPerMinute]
  const bound = PARTS.map(part => parts[part]).join(' ')
  const page = series?.kind === 'pages' && series.page !== null ? `${series.page.version} ${series.page.start}` : ''
  const ofSeries = [series?.kind ?? '', page, MOST_OF_SERIES]
  const asked = [digest, proposedId, question, askMs, useMs, agent, KEEP_ASKED_MS, subject, proof, ...most]
  return [...asked, about, bound, ...ofSeries, lasting ?? '']
}

/** Of each lease, as the scripts that ask read it. */
export function mostQuestions(limits: Commit['limits']): string {
  return limits.map(({ questions }) => questions ?? '-').join(' ')
}

/** What the script answers. A yes comes with what the broker signed. */
export type CommitReply =
  | Exclude<Committed, { readonly kind: 'allowed' | 'outdated' }>
  | { readonly kind: 'outdated'; readonly lease: string }
  | ({ readonly kind: 'allowed'; readonly approval: null } & Takings)
  | ({ readonly kind: 'allowed'; readonly approval: string; readonly answer: string } & Takings)
  /** Nothing is settled yet. */
  | { readonly kind: 'approved'; readonly approval: string; readonly answer: string }

/** What is said of what was taken. */
export interface Takings {
  readonly nearly?: Nearly | undefined
  readonly seconds?: number | undefined
}

/** Most of the answers by far. */
const ALLOWED = '{"kind":"allowed","approval":null}'
const DENIED = '{"kind":"denied"}'

/** Whoever writes to the store could have put words there that a terminal obeys. */
const approval = z.string().refine(isApprovalId)
const answered = { approval, answer: z.string() }
const taken = {
  nearly: z.object({ budget: z.enum(BUDGETS), count: z.int().nonnegative() }).optional(),
  seconds: z.int().min(1).max(SLICE_SECONDS).optional(),
}
const replySchema = z.union([
  z.object({ kind: z.literal('allowed'), approval: z.null(), ...taken }),
  z.object({ kind: z.literal('allowed'), ...answered, ...taken }),
  z.object({ kind: z.literal('approved'), ...answered }),
  z.object({ kind: z.literal('denied') }),
  z.object({ kind: z.literal('pending'), approval, again: AGAIN.optional(), said: z.int().nonnegative().optional() }),
  z.object({ kind: z.literal('rejected'), approval, why: z.string() }),
  z.object({ kind: z.literal('unproven'), approval }),
  z.object({ kind: z.literal('unwatched'), approval }),
  z.object({ kind: z.literal('too-many-questions'), limit: z.enum(['lease', 'agent', 'minute']) }),
  z.object({ kind: z.literal('question-too-large') }),
  z.object({ kind: z.literal('ended'), state: endedSchema }),
  z.object({ kind: z.literal('outdated'), lease: z.string().refine(isLeaseId) }),
  z.object({ kind: z.literal('budget-spent'), budget: z.enum(BUDGETS) }),
  z.object({ kind: z.literal('beyond'), budgets: z.array(z.enum(ASKABLE_BUDGETS)).min(1) }),
  z.object({ kind: z.literal('too-fast') }),
  z.object({ kind: z.literal('journal-full') }),
])

/** Throws on anything but what the script says: then nothing is allowed. */
export function parseCommitReply(reply: unknown): CommitReply {
  if (reply === ALLOWED) return { kind: 'allowed', approval: null }
  if (reply === DENIED) return { kind: 'denied' }
  return parseReply('commit', replySchema, reply)
}
