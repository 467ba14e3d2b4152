/** One line of CEL, from as many as read well. */
export function cel(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw(parts, ...values)
    .trim()
    .replaceAll(/\s+/g, ' ')
}

/** `["a", "b"]`. */
export function listOf(values: readonly string[]): string {
  return `[${values.map(value => JSON.stringify(value)).join(', ')}]`
}
