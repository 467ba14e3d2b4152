import { z } from 'zod'
import { cut } from '../../../journal/cut.ts'
import { textOf } from '../../../queries/cells.ts'
import type { Difference } from '../../document.ts'
import type { Part } from '../lease-report.ts'

/** The broker keeps less. */
const LONGEST = 500
const text = z.string().transform(whole => cut(whole, LONGEST))

const CHANGES = z.object({
  fields: z.array(
    z.object({
      path: text,
      kind: z.enum(['added', 'removed', 'changed']),
      before: text.nullable().default(null),
      after: text.nullable().default(null),
      hidden: z.boolean().default(false),
    }),
  ),
  more: z.number(),
})

/** By approval, what its plan would make another: of the last yes that says so. */
export function differencesOf({ rows }: Part): ReadonlyMap<string, readonly Difference[]> {
  const said = rows.flatMap(row => {
    const differences = parseChanges(textOf(row, 'changes'))
    return differences.length === 0 ? [] : [[textOf(row, 'approval'), differences] as const]
  })
  return new Map(said)
}

/** None of a text that is not what the record writes. */
function parseChanges(json: string): readonly Difference[] {
  if (json === '') return []
  try {
    const { fields, more } = CHANGES.parse(JSON.parse(json))
    if (more === 0) return fields
    return [...fields, { path: `${more} more fields`, kind: 'and', before: null, after: null, hidden: false }]
  } catch {
    return []
  }
}
