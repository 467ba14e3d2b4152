import type { Lease } from '../../lease/lease.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { Surroundings } from '../surroundings.ts'

/** Nobody is looked for where the verdict does not want somebody who watches. */
export function wantsWatch(verdict: Verdict): boolean {
  return verdict.kind !== 'deny' && verdict.watched === true
}

/** Who watches. */
export async function watchOf(
  { id }: Pick<Lease, 'id'>,
  { watchers }: Pick<Surroundings, 'watchers'>,
): Promise<readonly string[]> {
  return (await watchers(id)).names
}

/** What would be allowed is not while nobody watches. What asks a human does so in any case: then they hear of it. */
export function underWatch(verdict: Verdict, watchers: readonly string[]): Verdict {
  if (verdict.kind !== 'allow' || verdict.watched !== true || watchers.length > 0) return verdict
  return { kind: 'deny', reason: 'nobody-watches', detail: '', risk: verdict.risk, risks: verdict.risks }
}
