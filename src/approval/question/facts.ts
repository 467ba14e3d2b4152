import type { Step } from '../../request/object/json-patch.ts'
import type { SentObject } from '../../request/object/sent-object.ts'
import { shown, shownArgument, shownCommand } from '../../support/text/shown-text.ts'

/** A path stands in every line below it: with longer ones the lines would be many times what was sent. */
const MAX_PLACE = 512

/** One field that the body sets, takes away or moves. */
export interface Fact {
  /** Names on the way, as they were sent. */
  readonly path: readonly string[]
  /** The same as it is shown. */
  readonly place: string
  readonly text: string
}

/** Where the reading of a body stands. */
interface At {
  readonly path: readonly string[]
  readonly place: string
  /** What is done there: '' where that is to set it. */
  readonly before: string
}

/**
 * What the object says, one fact a field; null when nobody here can read its fields by name, or show them. Null values and `$patch`
 * directives take away in a patch, so they are facts as well.
 */
export function factsOf(object: SentObject): readonly Fact[] | null {
  const facts: Fact[] = []
  switch (object.kind) {
    case 'none':
      return facts
    case 'plain':
      return inValue(object.value, { path: [], place: '', before: '' }, facts) ? facts : null
    case 'steps':
      return object.steps.every(step => inStep(step, facts)) ? facts : null
    case 'protobuf':
    case 'unreadable':
      return null
  }
}

function inStep({ op, path, from, value }: Step, facts: Fact[]): boolean {
  const place = placeOf(path)
  if (op === 'remove') return note({ path, place, before: '' }, `remove ${place}`, facts)
  if (op !== 'move' && op !== 'copy') return inValue(value, { path, place, before: `${op} ` }, facts)
  const source = placeOf(from)
  const both = { path: [...from, ...path], place: `${source} ${place}`, before: '' }
  return note(both, `${op} ${source} to ${place}`, facts)
}

/** False where a place is too long to be shown; then nothing is read any further. */
function inValue(value: unknown, at: At, facts: Fact[]): boolean {
  if (at.place.length > MAX_PLACE) return false
  const says = `${at.before}${at.place === '' ? 'the object' : at.place}`
  if (isTexts(value)) return note(at, `${says} = ${shownCommand(value)}`, facts)
  if (Array.isArray(value) && value.length > 0) {
    return value.every((each, index) => inItem(each, below(at, String(index)), facts))
  }
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
  if (members.length > 0) return members.every(([name, member]) => inValue(member, below(at, name), facts))
  return note(at, `${says} = ${scalar(value)}`, facts)
}

/** `env` and its like read better, and are masked better, as the variable that they set. */
function inItem(item: unknown, at: At, facts: Fact[]): boolean {
  if (typeof item !== 'object' || item === null || Object.keys(item).length !== 2) return inValue(item, at, facts)
  const { name, value } = item as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || typeof value !== 'string') return inValue(item, at, facts)
  const text = `${at.before}${at.place} ${shownArgument(name)}=${shownArgument(value)}`
  return note({ ...at, path: [...at.path, name] }, text, facts)
}

function note({ path, place }: At, text: string, facts: Fact[]): boolean {
  if (place.length > MAX_PLACE) return false
  facts.push({ path, place: place === '' ? 'the object' : place, text })
  return true
}

function below({ path, place, before }: At, name: string): At {
  return { path: [...path, name], place: `${place}${partOf(name, place === '')}`, before }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(each => typeof each === 'string')
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? shown(JSON.stringify(value)) : JSON.stringify(value)
}

/** `spec.template.spec.containers[0].image`; names that could be taken for more than one are quoted. */
function placeOf(path: readonly string[]): string {
  return path.map((name, index) => partOf(name, index === 0)).join('')
}

function partOf(name: string, isFirst: boolean): string {
  if (/^\d+$/.test(name)) return `[${name}]`
  const plain = /^[\w$/-]+$/.test(name) ? name : shown(JSON.stringify(name))
  return isFirst ? plain : `.${plain}`
}
