import { textAt } from '../look/json.ts'
import { claimsOf } from '../look/pods.ts'
import type { Planning } from '../planning.ts'
import { claimsIn } from './lists.ts'
import type { Owned } from './owned.ts'

export interface ClaimsGone {
  /** Whole, as far as they could be read. */
  readonly claims: readonly unknown[]
  readonly notes: readonly string[]
  /** What pods that go mount and leave behind. */
  readonly staying: number
}

interface Going {
  readonly targets: readonly unknown[]
  readonly owned: readonly Owned[]
  readonly pods: readonly unknown[]
}

/** Claims that go: named, in a collection, or owned by what goes, as of a StatefulSet or of a pod's own volumes. */
export async function claimsGone({ request, view }: Planning, { targets, owned, pods }: Going): Promise<ClaimsGone> {
  const { apiGroup, resource, name, namespace } = request.info
  const named = apiGroup === '' && resource === 'persistentvolumeclaims' ? targets : []
  const going = [...named, ...owned.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ object }) => object)]
  const gone = new Set(going.map(nameOf))
  const staying = new Set(pods.flatMap(claimsOf).filter(claim => !gone.has(claim))).size
  if (going.length === 0) return { claims: [], notes: [], staying }
  // A list of names says nothing of volumes.
  const there = (await claimsIn(view, namespace)) ?? (name === '' ? [] : named)
  const claims = there.filter(claim => gone.has(nameOf(claim)))
  const missing = gone.size - claims.length
  return {
    claims,
    notes: missing <= 0 ? [] : [`what becomes of the data of ${missing} claims is not known`],
    staying,
  }
}

function nameOf(claim: unknown): string {
  return textAt(claim, 'metadata', 'name')
}
