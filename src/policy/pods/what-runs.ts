import { isImageName } from './fields-of-others.ts'
import { bringsPods } from './pod-kinds.ts'
import { elementsOf, type Write, writtenBy } from './written.ts'

/** A container, a probe or a hook, as far as a write says what runs in it. */
export interface Running {
  /** '' where it is not said: in a probe, in a step of a patch. */
  readonly name: string
  /** '' where it stays what it was. */
  readonly image: string
  /** Command and arguments; empty where they stay what they were. */
  readonly command: readonly string[]
}

/** More than any pod has; each takes time that others wait for. */
const MOST = 100

/**
 * What a write makes run in pods: images and commands, wherever they stand in what is sent, for whole objects and every kind of patch.
 * Of what cannot be read nothing is known.
 */
export function whatRuns(write: Write): readonly Running[] {
  const pods = bringsPods(write.info)
  if (pods === 'no') return []
  const found: Running[] = []
  for (const each of writtenBy(write) ?? []) walk(each, found, pods === 'perhaps')
  return found
}

function walk(node: object, found: Running[], isOfOthers: boolean): void {
  if (found.length >= MOST) return
  if (!Array.isArray(node)) note(node, found, isOfOthers)
  for (const value of Object.values(node))
    if (typeof value === 'object' && value !== null) walk(value, found, isOfOthers)
}

function note(node: object, found: Running[], isOfOthers: boolean): void {
  const [name, image] = [textOf(node, 'name'), textOf(node, 'image') || (isOfOthers ? imageOf(node) : '')]
  const command = [...wordsOf(node, 'command'), ...wordsOf(node, 'args')]
  if (image !== '' || command.length > 0) found.push({ name, image, command })
}

/** `imageName`, `dockerImage`. */
function imageOf(node: object): string {
  const named = Object.keys(node).find(field => isImageName(field) && textOf(node, field) !== '')
  return named === undefined ? '' : textOf(node, named)
}

function textOf(node: object, field: string): string {
  const value: unknown = Object.hasOwn(node, field) ? Reflect.get(node, field) : undefined
  return typeof value === 'string' ? value : ''
}

/** One word of a list, where a patch writes no more. */
function wordsOf(node: object, field: string): readonly string[] {
  const value: unknown = Object.hasOwn(node, field) ? Reflect.get(node, field) : undefined
  if (typeof value === 'string') return [value]
  return elementsOf(value).filter(word => typeof word === 'string')
}
