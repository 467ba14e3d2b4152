import { at } from '../look/json.ts'

export const LAST_APPLIED = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'] as const

/** What is nested deeper is nobody's manifest. */
const MAX_DEPTH = 50

/**
 * Whether the copy of what was applied says what the object says as well. By one that says more the next `kubectl apply` takes away what it
 * never gave, so it is a change like any other.
 */
export function saysTheSame(object: unknown): boolean {
  const copy = at(object, ...LAST_APPLIED)
  if (typeof copy !== 'string') return copy === undefined
  const applied = parse(copy)
  if (typeof applied !== 'object' || applied === null) return false
  const { status: _, ...rest } = applied as Readonly<Record<string, unknown>>
  return isWithin(rest, object, 0)
}

/** Defaults come to what was applied, and empty things go. */
function isWithin(part: unknown, whole: unknown, depth: number): boolean {
  if (part === null || isEmpty(part)) return true
  if (typeof part !== 'object') return part === whole
  if (typeof whole !== 'object' || whole === null || depth > MAX_DEPTH) return false
  return Object.entries(part).every(([name, value]) =>
    isWithin(value, Object.hasOwn(whole, name) ? Reflect.get(whole, name) : undefined, depth + 1),
  )
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
