import { shown } from '../../support/text/shown-text.ts'
import { sha256Of } from '../digest.ts'
import type { Plan } from './plan.ts'

/** Of each list of a plan so many are shown, and the rest is counted. */
const MOST = { facts: 60, changes: 2500, affected: 300, counts: 60, notes: 200 } as const
const VALUE_CHARACTERS = 400
/** As JSON. The store keeps each for as long as its question, of which agents make hundreds, and an approver's browser has to carry it. */
const PLAN_BYTES = 160_000

type Lists = keyof typeof MOST

export interface Draft extends Omit<Plan, 'cut' | 'madeAt' | 'heavy'> {
  /** Of the notes those that no cut may take first: data that is lost, what a yes is not bound to, who refuses. */
  readonly warnings?: readonly string[]
  /** What has to be there for a yes to hold, as the API server can compare it (leasegate-bound); '' where it cannot. */
  readonly bound: string
  /** What the approver judges by: where it is another, the plan is one of something else. */
  readonly state: string
}

/** A plan, and what a yes to it is bound to. */
export interface Made {
  readonly kind: 'made'
  readonly plan: Plan
  readonly bound: string
  /** SHA-256, hex. */
  readonly state: string
}

export const EMPTY: Omit<Draft, 'kind' | 'summary' | 'state'> = {
  facts: [],
  changes: [],
  affected: [],
  counts: [],
  notes: [],
  object: null,
  bound: '',
}

/** Everything that is in sight in it, none of it too long, and what is left out counted. */
export function finished({ warnings = [], ...given }: Draft, madeAt: number): Made {
  const draft = { ...given, notes: [...warnings, ...given.notes], heavy: warnings.length }
  let plan = cutTo(1, draft, madeAt)
  for (let share = 1 / 2; Buffer.byteLength(JSON.stringify(plan)) > PLAN_BYTES; share /= 2)
    plan = cutTo(share, draft, madeAt)
  const { bound, state } = draft
  return { kind: 'made', plan, bound, state: sha256Of([Buffer.from(state)]) }
}

interface Weighed extends Draft {
  readonly heavy: number
}

function cutTo(share: number, draft: Weighed, madeAt: number): Plan {
  const most = (name: Lists) => Math.floor(MOST[name] * share)
  const kept = <T>(name: Lists, list: readonly T[]): T[] => list.slice(0, most(name))
  const missing = (Object.keys(MOST) as Lists[])
    .map(what => ({ what, missing: draft[what].length - most(what) }))
    .filter(each => each.missing > 0)
  return {
    kind: draft.kind,
    madeAt,
    summary: value(draft.summary),
    facts: kept('facts', draft.facts).map(fact => ({ name: fact.name, value: value(fact.value) })),
    changes: kept('changes', draft.changes).map(change => ({
      ...change,
      path: value(change.path),
      ...(change.before === undefined ? {} : { before: value(change.before) }),
      ...(change.after === undefined ? {} : { after: value(change.after) }),
    })),
    affected: kept('affected', draft.affected).map(({ kind, namespace, name, detail }) => ({
      kind: value(kind),
      namespace: value(namespace),
      name: value(name),
      ...(detail === undefined ? {} : { detail: value(detail) }),
    })),
    counts: kept('counts', draft.counts).map(({ kind, count }) => ({ kind: value(kind), count })),
    notes: kept('notes', draft.notes).map(value),
    ...(draft.heavy === 0 ? {} : { heavy: Math.min(draft.heavy, most('notes')) }),
    cut: missing,
    ...(draft.refusal === undefined || draft.refusal === '' ? {} : { refusal: value(draft.refusal) }),
    object: draft.object,
  }
}

function value(text: string): string {
  if (text.length <= VALUE_CHARACTERS) return shown(text)
  return `${shown(text.slice(0, VALUE_CHARACTERS).toWellFormed())} … ${text.length - VALUE_CHARACTERS} characters more`
}
