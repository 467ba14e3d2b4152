/** Names on the way to a field of an object, from its top; null is each item of a list, whichever it is. */
export type FieldPath = readonly (string | null)[]

/** Their items have names of their own, by which patches of Kubernetes merge them: so it can be told what of an item is changed. */
export const CONTAINER_LISTS: ReadonlySet<unknown> = new Set(['containers', 'initContainers', 'ephemeralContainers'])

/** The admission policies look no further: no field of a type lies as deep. */
export const DEEPEST = { names: 12, beforeItems: 8, inItems: 4 } as const

const NAME = /^\.?([A-Za-z_][A-Za-z0-9_-]*)/
/** A JSON string in brackets, for names such as example.org/restarted-at. */
const QUOTED = /^\[("(?:[^"\\\p{Cc}]|\\["\\])+")\]/u
const ITEMS = '[*]'
/** What a field of a Kubernetes type looks like; anything else may be text of the client's own. */
const OF_A_TYPE = /^[A-Za-z]{1,40}$/

/**
 * `spec.template.metadata.annotations["example.org/x"]` and `spec.template.spec.containers[*].image` as names; null for what is no
 * field. Into a list it goes where that is one of containers.
 */
export function parseFieldPath(text: string): FieldPath | null {
  const names: (string | null)[] = []
  let rest = text
  while (rest !== '') {
    const next = nextName(rest, names)
    if (next === null) return null
    names.push(next.name)
    rest = rest.slice(next.length)
  }
  return names.at(-1) === null || names.length === 0 || isTooDeep(names) ? null : names
}

interface Next {
  readonly name: string | null
  readonly length: number
}

function nextName(rest: string, before: FieldPath): Next | null {
  if (rest.startsWith(ITEMS)) {
    return CONTAINER_LISTS.has(before.at(-1)) && !before.includes(null) ? { name: null, length: ITEMS.length } : null
  }
  const quoted = QUOTED.exec(rest)
  const plain = quoted === null && rest.startsWith('.') === before.length > 0 ? NAME.exec(rest) : null
  const [whole, name] = quoted ?? plain ?? []
  if (whole === undefined || name === undefined) return null
  return { name: quoted === null ? name : String(JSON.parse(name)), length: whole.length }
}

function isTooDeep(names: FieldPath): boolean {
  const items = names.indexOf(null)
  if (items === -1) return names.length > DEEPEST.names
  return items > DEEPEST.beforeItems || names.length - items - 1 > DEEPEST.inItems
}

/** Whether a field is this one or lies below it. */
export function isAtOrBelow(path: FieldPath, top: FieldPath): boolean {
  return top.every((name, index) => path[index] === name)
}

/** Whether a field is one of these or lies below one. */
export function isWithin(path: FieldPath, wider: readonly FieldPath[]): boolean {
  return wider.some(top => isAtOrBelow(path, top))
}

/** The field for people, as far down as its names are those of a type: `spec.template.spec.containers[*].image`. */
export function describeField(path: FieldPath): string {
  const end = path.findIndex(name => name !== null && !OF_A_TYPE.test(name))
  const shown = end === -1 ? path : path.slice(0, end)
  if (shown.length === 0) return 'the object'
  return shown.map((name, at) => (name === null ? ITEMS : at === 0 ? name : `.${name}`)).join('')
}
