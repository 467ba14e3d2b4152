import { type FieldPath, isAtOrBelow, parseFieldPath } from './field-path.ts'
import { holds, isStricter, type Limit, parseLimit } from './limit.ts'

/** A field that a patch may change, with all that is below it; with a limit that field alone, to what is within. */
export interface Field {
  readonly path: FieldPath
  readonly limit: Limit | null
}

/** As RE2 reads it too. */
export const ONE_PATH = String.raw`(?:[^\s\["]|\[(?:\*|"(?:[^"\\]|\\["\\])+")\])+`

/** A path ends at the first blank that is in no name. */
const PARTS = new RegExp(`^(${ONE_PATH})(?: (.+))?$`, 'u')

/** `spec.replicas <= 5`, or why it is no field, to follow its place in the file. */
export function parseField(text: string): Field | string {
  const [, field = '', said] = PARTS.exec(text) ?? []
  const path = parseFieldPath(field)
  if (path === null) return NO_FIELD
  if (said === undefined) return { path, limit: null }
  const limit = parseLimit(said)
  if (typeof limit === 'string') return limit
  return isAmbiguous(path, limit) ? OPEN_IMAGE : { path, limit }
}

const NO_FIELD =
  'must be a field such as spec.replicas, 12 names deep at most; names with other signs in brackets: metadata.annotations["example.org/x"]; ' +
  'in a list of containers: spec.template.spec.containers[*].image'
export const OPEN_IMAGE =
  'must have its star behind a slash, a colon or an @: registry.corp* is registry.corp.evil.example too'

/** Whoever has the domain that goes on from there has the image. */
function isAmbiguous(path: FieldPath, limit: Limit): boolean {
  return path.at(-1) === 'image' && limit.kind === 'beginning' && !/[/:@]$/.test(limit.text)
}

/** Those that are fields; a rule whose text is none covers nothing by it. */
export function toFields(texts: readonly string[]): readonly Field[] {
  return texts.map(parseField).filter(field => typeof field !== 'string')
}

/** Whether it may become that value. Undefined: it is not known which. */
export function mayBecome({ path, limit }: Field, written: FieldPath, value: unknown): boolean {
  if (!isAtOrBelow(written, path)) return false
  return limit === null || (written.length === path.length && holds(limit, value))
}

/** Whether all that the one lets through the other does too. */
export function isFieldWithin(field: Field, wider: readonly Field[]): boolean {
  return wider.some(({ path, limit }) => {
    if (!isAtOrBelow(field.path, path)) return false
    return (
      limit === null || (field.path.length === path.length && field.limit !== null && isStricter(field.limit, limit))
    )
  })
}
