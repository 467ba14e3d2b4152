/** Reads from a value of which nothing is known yet. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? Reflect.get(value, field)
    : undefined
}

export function listIn(value: unknown, field: string): readonly unknown[] {
  const list = fieldOf(value, field)
  return Array.isArray(list) ? list : []
}

export function textsIn(value: unknown, field: string): readonly string[] {
  return listIn(value, field).filter(item => typeof item === 'string')
}

export function textIn(value: unknown, field: string): string | null {
  const text = fieldOf(value, field)
  return typeof text === 'string' ? text : null
}
