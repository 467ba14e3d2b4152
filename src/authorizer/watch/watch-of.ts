import type { Lease } from '../../lease/lease.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { Surroundings } from '../surroundings.ts'

/** Who watches, where the verdict wants somebody who does; nobody is looked for where it does not. */
export async function watchOf(
  verdict: Verdict,
  { id }: Pick<Lease, 'id'>,
  { watchers }: Pick<Surroundings, 'watchers'>,
): Promise<readonly string[]> {
  if (verdict.kind === 'deny' || verdict.watched !== true) return []
  return (await watchers(id)).names
}

/** What would be allowed is not while nobody watches. What asks a human does so in any case: then they hear of it. */
export function underWatch(verdict: Verdict, watchers: readonly string[]): Verdict {
  if (verdict.kind !== 'allow' || verdict.watched !== true || watchers.length > 0) return verdict
  return { kind: 'deny', reason: 'nobody-watches', detail: '', risk: verdict.risk, risks: verdict.risks }
}
