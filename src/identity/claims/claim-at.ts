/**
 * The claim under a path of names. A dot goes into an object, or belongs to a name: `kubernetes.io.serviceaccount.name`
 * finds `{"kubernetes.io": {"serviceaccount": {"name": …}}}`. Undefined when nothing is there, and also when the path could be
 * read in two ways, for then nobody knows which one was meant.
 */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  const found = readings(claims, path.split('.'))
  return found.length === 1 ? found[0] : undefined
}

function readings(value: unknown, names: readonly string[]): readonly unknown[] {
  if (names.length === 0) return [value]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return names.flatMap((_, index) => {
    const name = names.slice(0, index + 1).join('.')
    if (!Object.hasOwn(value, name)) return []
    return readings((value as Record<string, unknown>)[name], names.slice(index + 1))
  })
}
