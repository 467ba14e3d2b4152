import { z } from 'zod'

const NAMED = z.object({ name: z.string(), value: z.string() }).readonly()

/** One field that would not be as it is. A value that is hidden is neither here nor there: it is a Secret's. */
const CHANGE = z
  .object({
    /** `spec.template.spec.containers[app].image`. */
    path: z.string(),
    kind: z.enum(['added', 'removed', 'changed']),
    before: z.string().optional(),
    after: z.string().optional(),
    hidden: z.boolean().optional(),
    /** It is set anew at each write: what it says here is not what it will say. */
    anew: z.boolean().optional(),
  })
  .readonly()

const AFFECTED = z
  .object({
    kind: z.string(),
    /** '' for what is in none. */
    namespace: z.string(),
    name: z.string(),
    detail: z.string().optional(),
  })
  .readonly()

/**
 * What a request would do, found out by the broker from the bytes that would run, for whoever is asked about it. Every text is safe to
 * show as it is: what nobody would see is written out.
 */
export const PLAN = z
  .object({
    kind: z.enum(['write', 'delete', 'session', 'secret-read', 'none']),
    /** Epoch milliseconds. */
    madeAt: z.number(),
    /** One line of what would happen. */
    summary: z.string(),
    facts: z.array(NAMED).readonly(),
    /** What a write would change, field by field. */
    changes: z.array(CHANGE).readonly(),
    /** What else is met: what a delete takes with it, who mounts a Secret. */
    affected: z.array(AFFECTED).readonly(),
    /** How many of each kind are met, shown or not. */
    counts: z.array(z.object({ kind: z.string(), count: z.number() }).readonly()).readonly(),
    /** What to think of, and what could not be found out. */
    notes: z.array(z.string()).readonly(),
    /** So many of the notes, from the first, weigh more than the others. */
    heavy: z.int().nonnegative().optional(),
    /** What is not shown: how many of what. */
    cut: z.array(z.object({ what: z.string(), missing: z.number() }).readonly()).readonly(),
    /** Why nobody can say yes to it; not there where somebody can. */
    refusal: z.string().optional(),
    /** What is there, as it was then; null: nothing is, or it is not one object. */
    object: z.object({ uid: z.string(), resourceVersion: z.string() }).readonly().nullable(),
  })
  .readonly()
export type Plan = z.infer<typeof PLAN>

/** What is known of a question's plan. `problem` completes "no plan: …". */
export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'none'; readonly problem: string }
