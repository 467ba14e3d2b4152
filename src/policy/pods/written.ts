import type { ApiRequest } from '../../request/api-request.ts'
import { MAX_DEPTH } from '../../request/object/json.ts'
import type { Step } from '../../request/object/json-patch.ts'
import type { PlainObject } from '../../request/object/sent-object.ts'

/** On the way to what all steps of a patch write: more than any client sends, and each takes time that others wait for. */
const MAX_NAMES = 20_000

export type Write = Pick<ApiRequest, 'info' | 'object'>

/**
 * What a write puts where: objects that begin at the top and lead to what is written, of which names that are taken away are null.
 * JSON, YAML, protobuf and every kind of patch look alike in it. Null when it cannot be told.
 */
export function writtenBy({ object }: Pick<Write, 'object'>): readonly PlainObject[] | null {
  switch (object.kind) {
    case 'plain':
      return [object.value]
    case 'steps':
      return afterSteps(object.steps)
    case 'protobuf':
    case 'none':
    case 'unreadable':
      return null
  }
}

function afterSteps(steps: readonly Step[]): readonly PlainObject[] | null {
  const written: PlainObject[] = []
  let names = 0
  for (const { op, path, value } of steps) {
    if (op === 'test') continue
    names += path.length
    // copy and move bring values from places that the API server alone can see.
    if (op === 'copy' || op === 'move' || path.length > MAX_DEPTH || names > MAX_NAMES) return null
    const whole = atPath(path, op === 'remove' ? null : value)
    if (typeof whole !== 'object' || whole === null) return null
    written.push(whole as PlainObject)
  }
  return written
}

/** An index on the way becomes a name, so that a list in which one element is written is an object of that one. */
function atPath(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, name) => ({ [name]: inner }), value)
}

/** Elements of a list, however it is written. */
export function elementsOf(list: unknown): readonly unknown[] {
  return typeof list === 'object' && list !== null ? Object.values(list) : []
}
