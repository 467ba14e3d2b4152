/** Names on the way to a field of an object, from its top. */
export type FieldPath = readonly string[]

const NAME = /^\.?([A-Za-z_][A-Za-z0-9_-]*)/
/** A JSON string in brackets, for names such as example.org/restarted-at. */
const QUOTED = /^\[("(?:[^"\\]|\\["\\])+")\]/

/** Whether a field is one of these or lies below one. What is no field lies nowhere. */
export function isWithin(field: string, wider: readonly string[]): boolean {
  const names = parseFieldPath(field)
  if (names === null) return false
  return wider.some(other => parseFieldPath(other)?.every((name, index) => names[index] === name) === true)
}

/** `spec.template.metadata.annotations["example.org/x"]` as names; null for what is no field. */
export function parseFieldPath(text: string): FieldPath | null {
  const names: string[] = []
  let rest = text
  while (rest !== '') {
    const quoted = QUOTED.exec(rest)
    const plain = quoted === null && rest.startsWith('.') === names.length > 0 ? NAME.exec(rest) : null
    const [whole, name] = quoted ?? plain ?? []
    if (whole === undefined || name === undefined) return null
    names.push(quoted === null ? name : String(JSON.parse(name)))
    rest = rest.slice(whole.length)
  }
  return names.length === 0 ? null : names
}
