import type { Approval } from '../../approval/approval.ts'
import { sha256Of } from '../../approval/digest.ts'
import { finished } from '../../approval/plan/draft.ts'
import type { Plan, Planned } from '../../approval/plan/plan.ts'
import type { Bound, Planner } from '../plan/planner.ts'

/** What each of several requests would do, as one plan: each line says whose it is. It is as old as the newest of them, and a millisecond for each that has none. */
export async function planTogether(members: readonly Approval[], planner: Planner): Promise<Planned> {
  return merged(members, await Promise.all(members.map(one => planner.of(one))))
}

export type BoundTogether =
  | { readonly kind: 'bound'; readonly seen: string; readonly each: readonly Extract<Bound, { kind: 'bound' }>[] }
  | { readonly kind: 'moved'; readonly why: string }

/** Looks at all of them again, at the moment of a yes: where one is another than in the plan that was seen, there is a yes to none. */
export async function bindTogether(
  members: readonly Approval[],
  seenAt: number | null,
  planner: Planner,
): Promise<BoundTogether> {
  const before = await Promise.all(members.map(one => planner.of(one)))
  const plan = merged(members, before)
  if (seenAt !== null && (plan.kind === 'none' || plan.plan.madeAt !== seenAt))
    return { kind: 'moved', why: 'another plan was made of it since' }
  const bound = await Promise.all(
    members.map((one, index) => planner.bind(one, seenAt === null ? null : madeAt(before[index]))),
  )
  const each: Extract<Bound, { kind: 'bound' }>[] = []
  for (const [index, one] of bound.entries()) {
    if (one.kind === 'moved') return { kind: 'moved', why: `(${index + 1}) ${one.why}` }
    each.push(one)
  }
  return { kind: 'bound', seen: sha256Of(each.map(({ seen = '' }) => Buffer.from(seen))), each }
}

function madeAt(planned: Planned | undefined): number | null {
  return planned?.kind === 'plan' ? planned.plan.madeAt : null
}

function merged(members: readonly Approval[], found: readonly Planned[]): Planned {
  const plans = found.flatMap((one, index) =>
    one.kind === 'plan' ? [{ number: `(${index + 1})`, plan: one.plan }] : [],
  )
  if (plans.length === 0) return { kind: 'none', problem: problemOf(found) }
  const each = <T>(of: (plan: Plan, number: string) => readonly T[]): readonly T[] =>
    plans.flatMap(({ plan, number }) => of(plan, number))
  const without = found.flatMap((one, index) => (one.kind === 'none' ? [`(${index + 1}) no plan: ${one.problem}`] : []))
  const { plan } = finished(
    {
      kind: 'write',
      summary: `${members.length} requests, each tried by itself: ${plans.map(one => `${one.number} ${one.plan.summary}`).join('; ')}`,
      facts: each(({ facts }, number) => facts.map(fact => ({ ...fact, name: `${number} ${fact.name}` }))),
      changes: each(({ changes }, number) => changes.map(change => ({ ...change, path: `${number} ${change.path}` }))),
      affected: each(({ affected }, number) => affected.map(one => ({ ...one, kind: `${number} ${one.kind}` }))),
      counts: each(({ counts }, number) => counts.map(one => ({ ...one, kind: `${number} ${one.kind}` }))),
      warnings: [
        ...without,
        ...each(({ notes, heavy = 0 }, number) =>
          notes.slice(0, heavy).map((note, rank) => ({ rank, text: `${number} ${note}` })),
        )
          .toSorted((one, other) => one.rank - other.rank)
          .map(({ text }) => text),
      ],
      notes: each(({ notes, cut, heavy = 0 }, number) => [
        ...notes.slice(heavy).map(note => `${number} ${note}`),
        ...cut.map(({ what, missing }) => `${number} ${missing} more ${what}`),
      ]),
      ...refusalOf(each(({ refusal = '' }, number) => (refusal === '' ? [] : [`${number} ${refusal}`]))),
      object: null,
      bound: '',
      state: '',
    },
    // Whoever answers names the plan by this: one that is taken away, or comes, changes it too, by a millisecond at least.
    Math.max(...plans.map(one => one.plan.madeAt)) - (members.length - plans.length),
  )
  return { kind: 'plan', plan }
}

function refusalOf([first]: readonly string[]): Pick<Plan, 'refusal'> {
  return first === undefined ? {} : { refusal: first }
}

function problemOf(found: readonly Planned[]): string {
  return [...new Set(found.flatMap(one => (one.kind === 'none' ? [one.problem] : [])))].join('; ')
}
