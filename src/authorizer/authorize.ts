import { ASKABLE_BUDGETS, type AskableBudget } from '../lease/lease.ts'
import { beyondBudget } from '../policy/judge/beyond-budget.ts'
import type { HttpRequest } from '../request/http-request.ts'
import type { Decision } from './decision.ts'
import { readAndJudge } from './head/read-and-judge.ts'
import { holderOf } from './holder.ts'
import { toCommit } from './journal/journal.ts'
import { prepare } from './prepare.ts'
import { asksForRights, standingOf } from './review/standing.ts'
import { type Known, settled } from './settle.ts'
import { charging, mayBeRead, overShare } from './share/over-share.ts'
import { beginCommit, denyingFailures, type Surroundings } from './surroundings.ts'
import { underWatch, wantsWatch, watchOf } from './watch/watch-of.ts'

/**
 * The request road: identify → lease → read → judge → watched → prepare → commit → decision. Nothing is allowed that is not in the
 * journal first, nothing is in it that cannot be answered, and whatever fails or takes too long is denied. Never rejects.
 */
export function authorize(http: HttpRequest, around: Surroundings): Promise<Decision> {
  return denyingFailures(http, around, known => decide(http, known, around))
}

/** `beyond`: budgets that have nothing left for it, as the store said. */
async function decide(
  http: HttpRequest,
  known: Known,
  around: Surroundings,
  beyond: readonly AskableBudget[] = [],
): Promise<Decision> {
  const holder = await holderOf(http, known, around)
  if (holder.kind === 'deny') return holder
  const { lease, above } = holder
  if (!mayBeRead(http, known, lease, around)) return overShare(http, known, holder, around)

  const policy = around.policy()
  const onFailure = (error: unknown) => around.onFailure(http.id, error)
  const judged = charging(known, lease, around, () => beyondBudget(readAndJudge(http, known, holder, policy), beyond))
  const watch = wantsWatch(judged) ? await watchOf(lease, around) : []
  const standing = judged.kind === 'allow' && asksForRights(known) ? await standingOf(lease, around) : null
  // While the store was asked another policy may have come, which binds at once.
  if ((watch.length > 0 || standing !== null) && around.policy().revision !== policy.revision)
    return decide(http, known, around, beyond)
  const { verdict, commit } = charging(known, lease, around, () => {
    const prepared = prepare({
      http,
      known,
      lease,
      above,
      verdict: underWatch(judged, watch),
      policy,
      standing,
      onFailure,
    })
    const times = around.approvalTimes
    return {
      verdict: prepared.verdict,
      commit: toCommit({ http, known, lease, above, ...prepared, watchers: watch, policy, times }),
    }
  })
  beginCommit(known, around)
  const committed = await around.ledger.commit(commit)
  // What it was judged by is known to be outdated from here on, so it is judged by the narrower one, or by none: never again for what cannot be read.
  if (committed.kind === 'outdated' && !above.includes(null)) return decide(http, known, around, beyond)
  if (committed.kind === 'beyond' && committed.budgets.some(budget => !beyond.includes(budget)))
    return decide(
      http,
      known,
      around,
      ASKABLE_BUDGETS.filter(one => [...beyond, ...committed.budgets].includes(one)),
    )
  if (committed.kind === 'pending' && commit.intent.kind === 'approval') {
    if (committed.approval === commit.intent.proposedId) around.keepSent(committed.approval, http)
  }
  if (committed.kind === 'unproven') onFailure(new Error(`nobody who may signed the yes to ${committed.approval}`))
  return settled({ known, lease, verdict, committed, policy })
}
