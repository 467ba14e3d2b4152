/** Names on the way to a field of an object, from its top. */
export type FieldPath = readonly string[]

const NAME = /^\.?([A-Za-z_][A-Za-z0-9_-]*)/
/** A JSON string in brackets, for names such as example.org/restarted-at. */
const QUOTED = /^\[("(?:[^"\\]|\\["\\])+")\]/
/** What a field of a Kubernetes type looks like; anything else may be text of the client's own. */
const OF_A_TYPE = /^[A-Za-z]{1,40}$/

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

/** Those that are fields; a rule whose text is none covers nothing by it. */
export function toPaths(fields: readonly string[]): readonly FieldPath[] {
  return fields.map(parseFieldPath).filter(path => path !== null)
}

/** Whether a field is one of these or lies below one. */
export function isWithin(path: FieldPath, wider: readonly FieldPath[]): boolean {
  return wider.some(prefix => prefix.every((name, index) => path[index] === name))
}

/** The field for people, as far down as its names are those of a type: `spec.template.metadata.annotations`. */
export function describeField(path: FieldPath): string {
  const end = path.findIndex(name => !OF_A_TYPE.test(name))
  const shown = end === -1 ? path : path.slice(0, end)
  return shown.length === 0 ? 'the object' : shown.join('.')
}
