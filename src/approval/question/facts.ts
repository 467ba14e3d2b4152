import type { Step } from '../../request/object/json-patch.ts'
import type { PlainObject, SentObject } from '../../request/object/sent-object.ts'
import { shown, shownArgument, shownCommand } from './shown-text.ts'

/** One field that the body sets, takes away or moves. */
export interface Fact {
  /** Names on the way, as they were sent. */
  readonly path: readonly string[]
  readonly text: string
}

/**
 * What the object says, one fact a field; null when nobody here can read its fields by name. Null values and `$patch` directives take
 * away in a patch, so they are facts as well.
 */
export function factsOf(object: SentObject): readonly Fact[] | null {
  switch (object.kind) {
    case 'none':
      return []
    case 'plain':
      return inObject(object.value)
    case 'steps':
      return object.steps.flatMap(inStep)
    case 'protobuf':
    case 'unreadable':
      return null
  }
}

function inObject(value: PlainObject): readonly Fact[] {
  return inValue(value, [], '')
}

function inStep({ op, path, from, value }: Step): readonly Fact[] {
  const at = placeOf(path)
  if (op === 'remove') return [{ path, text: `remove ${at}` }]
  if (op === 'move' || op === 'copy') return [{ path: [...from, ...path], text: `${op} ${placeOf(from)} to ${at}` }]
  return inValue(value, path, `${op} `)
}

function inValue(value: unknown, path: readonly string[], before: string): readonly Fact[] {
  if (isTexts(value)) return [{ path, text: `${before}${placeOf(path)} = ${shownCommand(value)}` }]
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((each, index) => inItem(each, [...path, String(index)], before))
  }
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
  if (members.length > 0) return members.flatMap(([name, member]) => inValue(member, [...path, name], before))
  return [{ path, text: `${before}${placeOf(path)} = ${scalar(value)}` }]
}

/** `env` and its like read better, and are masked better, as the variable that they set. */
function inItem(item: unknown, path: readonly string[], before: string): readonly Fact[] {
  if (typeof item !== 'object' || item === null || Object.keys(item).length !== 2) return inValue(item, path, before)
  const { name, value } = item as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || typeof value !== 'string') return inValue(item, path, before)
  return [{ path: [...path, name], text: `${before}${placeOf(path)} ${shownArgument(name)}=${shownArgument(value)}` }]
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(each => typeof each === 'string')
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? shown(JSON.stringify(value)) : JSON.stringify(value)
}

/** `spec.template.spec.containers[0].image`; names that could be taken for more than one are quoted. */
export function placeOf(path: readonly string[]): string {
  const parts = path.map((name, index) => {
    if (/^\d+$/.test(name)) return `[${name}]`
    const plain = /^[\w$/-]+$/.test(name) ? name : shown(JSON.stringify(name))
    return index === 0 ? plain : `.${plain}`
  })
  return parts.length === 0 ? 'the object' : parts.join('')
}
