import { type Document, isMap, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml'

/** One mistake in a file; lines and columns count from 1. */
export interface Problem {
  readonly line: number
  readonly column: number
  readonly message: string
}

export type Path = readonly PropertyKey[]

/** Finds where in the file a value (or, with `key`, a key) stands; the nearest thing around it when it is not there. */
export function locate(document: Document, counter: LineCounter, path: Path, key?: string): Omit<Problem, 'message'> {
  const offset = offsetOf(document.contents, key === undefined ? path : [...path, key], key !== undefined)
  const { line, col } = counter.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function offsetOf(root: Node | null, path: Path, wantsKey: boolean): number {
  let node: unknown = root
  let offset = startOf(root) ?? 0
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1
    const step = childOf(node, part)
    if (step === null) break
    offset = (last && wantsKey ? step.key : startOf(step.value)) ?? step.key ?? offset
    node = step.value
  }
  return offset
}

function childOf(node: unknown, part: PropertyKey): { readonly key: number | null; readonly value: unknown } | null {
  if (isSeq(node)) {
    const value = node.items[Number(part)]
    return value === undefined ? null : { key: null, value }
  }
  if (!isMap(node)) return null
  const pair = node.items.find(item => isPair(item) && keyOf(item.key) === String(part))
  return pair === undefined ? null : { key: startOf(pair.key), value: pair.value }
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : ''
}

function startOf(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null
  const { range } = node
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null
}
