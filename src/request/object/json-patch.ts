const OPERATIONS = ['add', 'replace', 'remove', 'test', 'move', 'copy'] as const

/** One operation of RFC 6902. */
export interface Step {
  readonly op: (typeof OPERATIONS)[number]
  /** Names and indexes on the way; none is the object itself. */
  readonly path: readonly string[]
  /** Of move and copy; empty for others. */
  readonly from: readonly string[]
  /** Of add and replace. */
  readonly value: unknown
}

/** Null when one of the steps is none. */
export function toSteps(patch: unknown): readonly Step[] | null {
  if (!Array.isArray(patch)) return null
  const steps = patch.map(toStep)
  return steps.every(step => step !== null) ? steps : null
}

function toStep(given: unknown): Step | null {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return null
  const { op: named, path, from = '', value } = given as Readonly<Record<string, unknown>>
  const op = OPERATIONS.find(each => each === named)
  if (op === undefined || typeof path !== 'string' || typeof from !== 'string') return null
  return { op, path: toNames(path), from: toNames(from), value }
}

/** RFC 6901. What stands before the first slash is ignored, as the API server does, which also takes `x/metadata/name`. */
function toNames(pointer: string): readonly string[] {
  const [, ...names] = pointer.split('/')
  return names.map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}
