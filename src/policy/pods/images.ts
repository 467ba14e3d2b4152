import { CONTAINER_LISTS } from '../../request/fields/field-path.ts'
import { isImageName, isPodInText } from './fields-of-others.ts'
import { bringsPods } from './pod-kinds.ts'
import { elementsOf, type Write, writtenBy } from './written.ts'

/** Lists of images, as exact names or beginnings with a last `*`: an image has to be in each. */
export type Images = readonly (readonly string[])[]

/**
 * What a write has beside images that may run, to follow "with"; null where it has none. What it does not say stays as it is there, or is
 * put there by others: that is for the admission policies.
 */
export function unfitImage(write: Write, allowed: Images): string | null {
  const pods = bringsPods(write.info)
  if (allowed.length === 0 || pods === 'no' || write.object.kind === 'none') return null
  const written = writtenBy(write)
  if (written === null) return 'images that cannot be told (send the whole or a merge, without copy and move)'
  const found: unknown[] = []
  for (const each of written) walk(each, found, pods === 'perhaps')
  const unfit = found.some(image => typeof image !== 'string' || !allowed.every(list => isAmong(image, list)))
  return unfit ? 'an image that is none of these' : null
}

function isAmong(image: string, list: readonly string[]): boolean {
  return list.some(one => (one.endsWith('*') ? image.startsWith(one.slice(0, -1)) : image === one))
}

/** Containers and volumes are looked for by name wherever they stand, so that whole objects and every kind of patch are read alike. */
function walk(node: object, found: unknown[], isOfOthers: boolean): void {
  for (const [name, value] of Object.entries(node)) {
    if (CONTAINER_LISTS.has(name)) found.push(...elementsOf(value).flatMap(item => own(item, 'image')))
    else if (name === 'volumes') found.push(...elementsOf(value).flatMap(imageOfVolume))
    // Kinds of others call it what they like, and say it in parts: a text with a pod in it, an object that has a repository and a tag.
    else if (isOfOthers && name !== 'metadata' && (isImageName(name) || isPodInText(name, value)))
      found.push(...said(name, value))
    if (typeof value === 'object' && value !== null) walk(value, found, isOfOthers)
  }
}

/** Of a volume that is an image its reference; other volumes have another meaning for the word. */
function imageOfVolume(volume: unknown): readonly unknown[] {
  return own(volume, 'image').flatMap(image => (typeof image === 'object' ? own(image, 'reference') : []))
}

/** Nothing where it is not there, or is taken away. */
function own(node: unknown, name: string): readonly unknown[] {
  const isThere = typeof node === 'object' && node !== null && Object.hasOwn(node, name)
  const value: unknown = isThere ? Reflect.get(node, name) : null
  return value === null || value === '' ? [] : [value]
}

/** A text with a pod in it is not looked into: it is as good as an image that cannot be told. */
function said(name: string, value: unknown): readonly unknown[] {
  if (value === null || value === '' || typeof value === 'boolean') return []
  return [isImageName(name) ? value : null]
}
