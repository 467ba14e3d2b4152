/** As Math.min and Math.max of what may be more than a call takes arguments (some hundred thousand). */
export function least(of: Iterable<number>): number {
  let found = Number.POSITIVE_INFINITY
  for (const one of of) found = Math.min(found, one)
  return found
}

export function greatest(of: Iterable<number>): number {
  let found = Number.NEGATIVE_INFINITY
  for (const one of of) found = Math.max(found, one)
  return found
}
