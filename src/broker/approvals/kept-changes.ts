import type { Plan } from '../../approval/plan/plan.ts'
import { cut } from '../../record/journal/cut.ts'
import type { KeptChange, KeptChanges } from '../../record/journal/journal-entry.ts'

/** Of one text, and of all of them: an answer takes no more of the journal than a request does. */
const TEXT = 256
const ALL_BYTES = 4096

/**
 * What a plan would make another, for the record: what reaches furthest comes first in a plan, so it is the end that is missing. A plan has
 * credentials out already. Null where it changes nothing.
 */
export function keptChanges(changes: Plan['changes']): KeptChanges | null {
  if (changes.length === 0) return null
  const fields: KeptChange[] = []
  let room = ALL_BYTES
  for (const { path, kind, before, after, hidden } of changes) {
    const kept: KeptChange = {
      ...{ path: cut(path, TEXT), kind },
      ...(before === undefined ? {} : { before: cut(before, TEXT) }),
      ...(after === undefined ? {} : { after: cut(after, TEXT) }),
      ...(hidden === true ? { hidden } : {}),
    }
    room -= Buffer.byteLength(JSON.stringify(kept))
    if (room < 0) break
    fields.push(kept)
  }
  return { fields, more: changes.length - fields.length }
}
