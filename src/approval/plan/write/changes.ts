import { weightOf } from '../../question/weight.ts'
import type { Plan } from '../plan.ts'
import { LAST_APPLIED, saysTheSame } from './last-applied.ts'

export type Change = Plan['changes'][number]

/** Says nothing of what the request does: the API server keeps it. */
const NOISE: ReadonlySet<string> = new Set(
  ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'].map(field =>
    keyOf(['metadata', field]),
  ),
)
const COPY = keyOf(LAST_APPLIED)

/** A member by its name, or an item of a list as it is shown, with its name. */
type Part = string | { readonly item: string; readonly name: string }

export interface Comparing {
  /** Of an object that may be a credential only what it is called is shown. */
  readonly isCredential: boolean
  /** Takes credentials out of a text. */
  readonly mask: (text: string) => string
}

/** What is nested deeper is one value. */
const MAX_DEPTH = 50
/** So many fields of an object are compared one by one: a body of 1 MiB can have half a million. */
const MOST_FIELDS = 20_000
/** Credentials are looked for so far around what is shown of a text. */
const NEAR_CHARACTERS = 8192
/** Of two long texts so much is shown of what is before the place where they part. */
const LEAD_CHARACTERS = 80

interface Leaf {
  readonly path: readonly Part[]
  readonly value: unknown
}

/**
 * What would be another, field by field, what reaches furthest first. Elements of a list that have names are compared by name: what moved is
 * not what changed, and where the order alone is another, that is said.
 */
export function changesOf(before: unknown, after: unknown, comparing: Comparing): readonly Change[] {
  const [old, young] = [leavesOf(before), leavesOf(after)]
  const isCopied = saysTheSame(after)
  const found = [...new Set([...old.keys(), ...young.keys()])].flatMap(key => {
    const [was, is] = [old.get(key), young.get(key)]
    const path = (is ?? was)?.path ?? []
    if (
      isNoise(path, isCopied) ||
      isOtherOrder(path, was, is) ||
      JSON.stringify(was?.value) === JSON.stringify(is?.value)
    )
      return []
    return [{ weight: WEIGHTS.indexOf(weightOf(factAt(path))), change: toChange(path, was, is, comparing) }]
  })
  return found.toSorted((one, other) => one.weight - other.weight).map(({ change }) => change)
}

function factAt(path: readonly Part[]) {
  return { path: path.map(part => (typeof part === 'string' ? part : part.item)), place: '', text: '' }
}

/** Where items come or go, the order follows from that. */
function isOtherOrder(path: readonly Part[], was: Leaf | undefined, is: Leaf | undefined): boolean {
  if (path.at(-1) !== ORDER) return false
  const [old, young] = [was, is].map(leaf => JSON.stringify(((leaf?.value ?? []) as readonly string[]).toSorted()))
  return old !== young
}

const WEIGHTS = ['reaches', 'runs', 'other'] as const

/** Whether two states of an object mean the same: what controllers tell of it, and what only counts versions, does not. */
export function meaningOf(object: unknown): string {
  return JSON.stringify(
    meantBy(object)
      .map(({ text }) => text)
      .toSorted(),
  )
}

interface Meant {
  /** As it is shown. */
  readonly path: string
  readonly parts: readonly string[]
  readonly key: string
  /** Which field it is, and what it says, as JSON. */
  readonly text: string
}

/** The same, field by field: which it is, and what it says. */
export function meantBy(object: unknown): readonly Meant[] {
  const leaves = [...leavesOf(object)].filter(([, { path }]) => !isNoise(path, true) && path[0] !== 'status')
  return leaves.map(([key, { path, value }]) => ({
    path: pathText(path),
    parts: factAt(path).path,
    key,
    text: JSON.stringify([key, value]),
  }))
}

/** The copy of what was applied is that only where it is one. */
function isNoise(path: readonly Part[], isCopied: boolean): boolean {
  return NOISE.has(keyOf(path.slice(0, 2))) || (isCopied && keyOf(path) === COPY)
}

function keyOf(path: readonly Part[]): string {
  return JSON.stringify(path)
}

function toChange(path: readonly Part[], was: Leaf | undefined, is: Leaf | undefined, comparing: Comparing): Change {
  const kind = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
  const shownPath = pathText(path)
  const [old, young] = [was, is].map(leaf => (leaf === undefined ? undefined : text(leaf.value)))
  const from = partingOf(old ?? '', young ?? '')
  if (isHidden(path, [was, is], from, comparing)) return { path: shownPath, kind, hidden: true }
  return {
    path: shownPath,
    kind,
    ...(old === undefined ? {} : { before: textFrom(from, old) }),
    ...(young === undefined ? {} : { after: textFrom(from, young) }),
  }
}

/** Where two texts are shown from: long ones begin alike, and what is new in them would be cut off. */
function partingOf(old: string, young: string): number {
  const most = Math.min(old.length, young.length)
  let same = 0
  while (same < most && old.charCodeAt(same) === young.charCodeAt(same)) same += 1
  return same > 2 * LEAD_CHARACTERS ? same - LEAD_CHARACTERS : 0
}

function textFrom(from: number, whole: string): string {
  return from === 0 ? whole : `(${from} characters as before) … ${whole.slice(from).toWellFormed()}`
}

/** Of a Secret: its kind, its names and labels, and which keys it has. */
const PLAIN_OF_CREDENTIALS = /^(?:kind|apiVersion|type|immutable|metadata\.(?:name|namespace|labels\..*|generateName))$/

function isHidden(
  path: readonly Part[],
  leaves: readonly (Leaf | undefined)[],
  from: number,
  { isCredential, mask }: Comparing,
): boolean {
  if (isCredential) return !PLAIN_OF_CREDENTIALS.test(factAt(path).path.join('.'))
  // An item of `env` is called by its name, and its value lies below.
  const part = (path.at(-1) === 'value' ? path.at(-2) : path.at(-1)) ?? ''
  const name = typeof part === 'string' ? part : part.name
  return leaves.some(leaf => {
    if (leaf === undefined || (typeof leaf.value !== 'string' && !isNested(leaf.value))) return false
    const whole = Array.isArray(leaf.value) && isTexts(leaf.value) ? leaf.value.join(' ') : text(leaf.value)
    const says = whole.slice(Math.max(0, from - NEAR_CHARACTERS), from + NEAR_CHARACTERS)
    return [`${name}=${says}`, says].some(each => mask(each) !== each)
  })
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isTexts(items: readonly unknown[]): boolean {
  return items.every(item => typeof item === 'string')
}

/** Every value that has nothing below it, by its path. */
function leavesOf(object: unknown): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  const note = (path: readonly Part[], value: unknown) => leaves.set(keyOf(path), { path, value })
  let left = MOST_FIELDS
  const walk = (value: unknown, path: readonly Part[]): void => {
    const found = path.length < MAX_DEPTH ? belowOf(value) : []
    const below = found.length <= left ? found : []
    left -= below.length
    if (below.length === 0) note(path, value)
    for (const [name, member] of below) walk(member, [...path, name])
    const names = below.flatMap(([part]) => (typeof part === 'string' || part.name === '' ? [] : [part.name]))
    if (names.length > 1) note([...path, ORDER], names)
  }
  if (object !== null && object !== undefined) walk(object, [])
  return leaves
}

/** Told from whatever is called so by being no name. */
const ORDER: Part = { item: '[in this order]', name: '' }

/** Members by name; items of a list by their names where they have some, else by number. A list of texts is a value. */
function belowOf(value: unknown): readonly (readonly [Part, unknown])[] {
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (isTexts(value)) return []
  const names = value.map(nameOf)
  const isNamed = names.every(name => name !== '') && new Set(names).size === names.length
  return value.map(
    (item, index) => [isNamed ? itemOf(names[index] ?? '') : { item: `[${index}]`, name: '' }, item] as const,
  )
}

function itemOf(name: string): Part {
  return { item: `[${/^[\w./:@-]+$/.test(name) ? name : JSON.stringify(name)}]`, name }
}

/** By what Kubernetes merges lists: names, or the port of a container. */
function nameOf(item: unknown): string {
  const name: unknown = typeof item === 'object' && item !== null ? Reflect.get(item, 'name') : undefined
  return typeof name === 'string' ? name : ''
}

function pathText(path: readonly Part[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part !== 'string') return `${text}${part.item}`
    const plain = /^[\w$/-]+$/.test(part) ? part : JSON.stringify(part)
    return text === '' ? plain : `${text}.${plain}`
  }, '')
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
