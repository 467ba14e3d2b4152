import { isMarked, type KubeObject, nameOf } from './objects.ts'

/** What --apply would do. */
export interface Plan {
  /** Created, or brought to what the policy says now. */
  readonly apply: readonly KubeObject[]
  /** Created earlier, no longer in the policy: removed. */
  readonly stale: readonly KubeObject[]
  /** Somebody else's, in the way: nothing is done before they are gone. */
  readonly foreign: readonly KubeObject[]
  /** Granted in the policy, and not in the cluster. */
  readonly missingNamespaces: readonly string[]
}

interface Found {
  readonly wanted: readonly KubeObject[]
  /** Of the wanted ones, those that are there. */
  readonly existing: readonly KubeObject[]
  /** All that an earlier --apply created. */
  readonly marked: readonly KubeObject[]
  readonly namespaces: readonly string[]
}

/** A namespace that was there before is used as it is; an account or a role that was there before may serve somebody else. */
export function toPlan({ wanted, existing, marked, namespaces }: Found): Plan {
  const theirs = existing.filter(object => !isMarked(object))
  const usedAsItIs = new Set(theirs.filter(({ kind }) => kind === 'Namespace').map(nameOf))
  const wantedNames = new Set(wanted.map(nameOf))
  const known = new Set([
    ...namespaces,
    ...wanted.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
  ])
  const granted = new Set(wanted.flatMap(({ metadata }) => metadata.namespace ?? []))
  return {
    apply: wanted.filter(object => !usedAsItIs.has(nameOf(object))),
    // A namespace of ours that the policy no longer names may hold what others put there: only --teardown looks into it.
    stale: marked.filter(object => object.kind !== 'Namespace' && !wantedNames.has(nameOf(object))),
    foreign: theirs.filter(({ kind }) => kind !== 'Namespace'),
    missingNamespaces: [...granted].filter(namespace => !known.has(namespace)),
  }
}

/** Why the plan cannot be carried out, a sentence each. */
export function obstacles({ foreign, missingNamespaces }: Plan): readonly string[] {
  const list = (names: readonly string[]) => names.join(', ')
  return [
    ...(missingNamespaces.length === 0
      ? []
      : [
          `the policy grants ${list(missingNamespaces)}, which the cluster does not have: create it, or take it out of the policy`,
        ]),
    ...(foreign.length === 0
      ? []
      : [
          `the cluster already has ${list(foreign.map(nameOf))}, not created by this command: is Leasegate installed there?`,
        ]),
  ]
}
