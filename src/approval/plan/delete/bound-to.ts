import type { RequestInfo } from '../../../request/api-request.ts'
import { isCompared, UNBOUND, wordOf } from '../bound.ts'
import type { Looked } from '../look/cluster-view.ts'
import { textAt } from '../look/json.ts'

/** Most objects of a collection that are named whole; of more the beginnings of their uids, which nobody chooses. */
const MOST_WHOLE = 64
/** Most objects that a yes can name: all of them go into one header. */
export const MOST_BOUND = 256
/** Eight digits, a dash and four more of the 32 digits, as `leasegate-bound` compares them. */
const BEGINNING = 13

interface There {
  readonly looked: Looked
  readonly objects: readonly unknown[]
  /** Of all, read or not. */
  readonly count: number
}

/** Each object that the API server would delete has to be one of these. What comes to a collection later is not met by the yes. */
export function boundTo(info: RequestInfo, { looked, objects, count }: There): string {
  if (info.subresource === 'eviction' || count > MOST_BOUND) return ''
  // What is not there must not be there by then either.
  if (info.name !== '') return looked.kind === 'absent' ? 'none' : wordOf(objects[0])
  if (count === 0) return 'none'
  const uids = objects.map(uidOf)
  return (count > MOST_WHOLE ? uids.map(uid => uid.slice(0, BEGINNING)) : uids).join(' ')
}

/** Why nobody can say yes to it; '' where somebody can. */
export function refusalOf(info: RequestInfo, { count }: Pick<There, 'count'>): string {
  if (info.name !== '' || count <= MOST_BOUND) return ''
  return `a yes names each object that it is for, ${MOST_BOUND} at most: fewer have to be deleted at once`
}

/** What is not compared between a yes and its use. */
export function unboundNotes(info: RequestInfo, there: There): readonly string[] {
  const refusal = refusalOf(info, there)
  if (refusal !== '') return [refusal]
  if (info.subresource === 'eviction') return ['a yes is for whichever pod has this name by then: nothing is compared']
  return isCompared(info, boundTo(info, there)) ? [] : [UNBOUND]
}

function uidOf(object: unknown): string {
  return textAt(object, 'metadata', 'uid')
}
