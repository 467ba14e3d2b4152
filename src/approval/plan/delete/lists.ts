import { KNOWN_KINDS, type KnownKind } from '../../../policy/known-kinds.ts'
import type { ClusterView, Looked } from '../look/cluster-view.ts'
import { at, listAt } from '../look/json.ts'
import { collectionPath } from '../look/object-path.ts'

/** Objects of one kind in one list: more are counted, and not read. */
const MOST_OF_KIND = 500
const MOST_PODS = 200

/** Of one kind what is in a namespace. */
export interface Listed {
  readonly kind: KnownKind
  readonly items: readonly unknown[]
  /** Those that were not read, too. */
  readonly count: number
}

export interface Contents {
  readonly listed: readonly Listed[]
  /** Kinds that may not be listed. */
  readonly unknown: readonly string[]
}

/** Metadata of all that a namespace holds, of the kinds that are known. */
export async function contentsOf(view: ClusterView, namespace: string): Promise<Contents> {
  const found = await Promise.all(
    KNOWN_KINDS.map(async kind => {
      const path = collectionPath({ ...toInfo(kind), namespace })
      return { kind, looked: await view.get(`${path}?limit=${MOST_OF_KIND}`, 'metadata') }
    }),
  )
  return {
    listed: found.flatMap(({ kind, looked }) => (looked.kind === 'found' ? [{ kind, ...toList(looked.value) }] : [])),
    // What the cluster does not serve holds nothing.
    unknown: found.filter(({ looked }) => looked.kind === 'refused').map(({ kind }) => kind.kind),
  }
}

/** Null where they may not be listed; `count` is of all, read or not. */
export async function podsIn(view: ClusterView, namespace: string): Promise<Omit<Listed, 'kind'> | null> {
  const looked = await view.get(`${collectionPath({ ...POD, namespace })}?limit=${MOST_PODS}`)
  return looked.kind === 'refused' ? null : looked.kind === 'absent' ? NO_PODS : toList(looked.value)
}

const NO_PODS: Omit<Listed, 'kind'> = { items: [], count: 0 }

export async function budgetsIn(view: ClusterView, namespace: string): Promise<readonly unknown[] | null> {
  const path = collectionPath({ apiGroup: 'policy', apiVersion: 'v1', resource: 'poddisruptionbudgets', namespace })
  return itemsOf(await view.get(`${path}?limit=${MOST_PODS}`))
}

export async function claimsIn(view: ClusterView, namespace: string): Promise<readonly unknown[] | null> {
  const path = collectionPath({ apiGroup: '', apiVersion: 'v1', resource: 'persistentvolumeclaims', namespace })
  return itemsOf(await view.get(`${path}?limit=${MOST_OF_KIND}`))
}

const POD = { apiGroup: '', apiVersion: 'v1', resource: 'pods' } as const

function toInfo({ group, version, resource }: KnownKind) {
  return { apiGroup: group, apiVersion: version, resource }
}

function itemsOf(looked: Looked): readonly unknown[] | null {
  return looked.kind === 'refused' ? null : looked.kind === 'absent' ? [] : listAt(looked.value, 'items')
}

export function toList(list: unknown): Pick<Listed, 'items' | 'count'> {
  const items = listAt(list, 'items')
  const more = at(list, 'metadata', 'remainingItemCount')
  return { items, count: items.length + (typeof more === 'number' ? more : 0) }
}

/** What is told of pods, their budgets and claims is of those that were read. */
export function cutPods(pods: Omit<Listed, 'kind'> | null): readonly string[] {
  return pods === null || pods.count <= pods.items.length
    ? []
    : [`of ${pods.count} pods the first ${pods.items.length} were looked at`]
}
