import type { Asked, RiskEntry } from './entry.ts'

/** Entries by what they name, so that a request is compared with few of them. */
export type ByResource<Entry extends RiskEntry = RiskEntry> = ReadonlyMap<string, readonly Entry[]>

export function byResource<Entry extends RiskEntry>(entries: readonly Entry[]): ByResource<Entry> {
  const map = new Map<string, Entry[]>()
  for (const entry of entries) {
    for (const resource of entry.resources) map.set(resource, [...(map.get(resource) ?? []), entry])
  }
  return map
}

/** Those that the request, one for a resource, is. */
export function matching<Entry extends RiskEntry>(entries: ByResource<Entry>, asked: Asked): readonly Entry[] {
  const { resource, subresource, apiGroup } = asked.request.info
  const keys = subresource === '' ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*']
  return keys
    .flatMap(key => entries.get(key) ?? [])
    .filter(entry => hasVerb(entry, asked) && hasGroup(entry, apiGroup) && entry.where(asked))
}

function hasGroup(entry: RiskEntry, group: string): boolean {
  return (
    entry.apiGroups.includes('*') ||
    entry.apiGroups.includes(group) ||
    entry.apiGroups.some(each => isBelow(each, group))
  )
}

/** `*.example.com` is every group below it. */
function isBelow(pattern: string, group: string): boolean {
  return pattern.startsWith('*.') && group.endsWith(pattern.slice(1))
}

export function hasVerb({ verbs }: RiskEntry, { request }: Asked): boolean {
  if (verbs.includes('*') || verbs.includes(request.info.verb)) return true
  return request.verbs.some(verb => verbs.includes(verb))
}
