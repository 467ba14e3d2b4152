import type { Policy, TaskTemplate } from '../policy.ts'

/** A policy is read as a whole, and never changed. */
const byName = new WeakMap<Policy['templates'], ReadonlyMap<string, TaskTemplate>>()

/** The template of this name; each request looks for one or two, so it takes no longer where there are a thousand. */
export function templateOf({ templates }: Pick<Policy, 'templates'>, name: string): TaskTemplate | undefined {
  const known = byName.get(templates)
  if (known !== undefined) return known.get(name)
  // The first of a name, as whoever reads the file does.
  const made = new Map(templates.toReversed().map(one => [one.name, one]))
  byName.set(templates, made)
  return made.get(name)
}
