import { carriesCredential } from '../../../request/object/carries-credential.ts'
import { type Draft, EMPTY } from '../draft.ts'
import { ageOf } from '../look/age.ts'
import type { Looked } from '../look/cluster-view.ts'
import { at, listAt, textAt } from '../look/json.ts'
import { collectionPath, objectPath } from '../look/object-path.ts'
import { claimsOf, isReady, ownerOf } from '../look/pods.ts'
import { actorOf, type Planning } from '../planning.ts'
import { meaningOf } from '../write/changes.ts'
import { besideOf } from './beside.ts'
import { budgetNotes } from './budgets.ts'
import { budgetsIn, claimsIn, contentsOf, type Listed, podsIn, toList } from './lists.ts'
import { ownedBy } from './owned.ts'
import { volumesOf } from './volumes.ts'

/** What would be gone: the objects themselves, and what goes with them. */
export async function deletePlan(planning: Planning): Promise<Draft> {
  const { info } = planning.request
  const target = await targetsOf(planning)
  if (info.resource === 'namespaces' && info.apiGroup === '' && info.name !== '') {
    return namespacePlan(planning, target)
  }
  return objectsPlan(planning, target)
}

interface Targets {
  readonly looked: Looked
  readonly objects: readonly unknown[]
  readonly count: number
}

async function targetsOf(planning: Planning): Promise<Targets> {
  const { request, view } = planning
  const { info } = request
  const one = info.name !== ''
  const target = one ? objectPath({ ...info, subresource: '' }) : collectionTarget(planning)
  const form = carriesCredential(info) || !one ? 'metadata' : 'object'
  const own = carriesCredential(info) ? null : await view.get(target, form)
  const looked = own === null || own.kind === 'refused' ? await view.getAs(actorOf(planning), target, form) : own
  if (looked.kind !== 'found') return { looked, objects: [], count: 0 }
  if (one) return { looked, objects: [looked.value], count: 1 }
  const { items, count } = toList(looked.value)
  return { looked, objects: items, count }
}

function collectionTarget({ request: { info } }: Planning): string {
  const asked = new URLSearchParams({ limit: '500' })
  if (info.labelSelector !== '') asked.set('labelSelector', info.labelSelector)
  if (info.fieldSelector !== '') asked.set('fieldSelector', info.fieldSelector)
  return `${collectionPath(info)}?${asked}`
}

/** A namespace goes with all that is in it. */
async function namespacePlan(planning: Planning, target: Targets): Promise<Draft> {
  const { request, view, now } = planning
  const { name } = request.info
  const [contents, pods, claims, budgets] = await Promise.all([
    contentsOf(view, name),
    podsIn(view, name),
    claimsIn(view, name),
    budgetsIn(view, name),
  ])
  const volumes = await volumesOf(view, claims ?? [])
  const counts = contents.listed.filter(({ count }) => count > 0).map(({ kind, count }) => ({ kind: kind.kind, count }))
  const all = counts.reduce((sum, { count }) => sum + count, 0)
  return {
    ...EMPTY,
    kind: 'delete',
    summary:
      target.count === 0
        ? absentOr(target.looked)
        : `deletes namespace ${name} with ${all} objects that are known of in it`,
    facts: target.objects.map(object => ({
      name: 'age',
      value: ageOf(textAt(object, 'metadata', 'creationTimestamp'), now),
    })),
    affected: [...(pods?.items ?? []).map(toPod), ...volumes.affected],
    counts,
    notes: [
      ...volumes.notes,
      ...budgetNotes(budgets ?? [], pods?.items ?? []),
      ...cutPods(pods),
      'Secrets and objects of other kinds go as well, and are not counted',
      ...unknownNote(contents.unknown),
    ],
    object: stateOf(target),
    bound: boundTo(planning, target),
    state: JSON.stringify([target.objects.map(uidOf), counts]),
  }
}

async function objectsPlan(planning: Planning, target: Targets): Promise<Draft> {
  const { request, view } = planning
  const { namespace, resource } = request.info
  const [contents, pods, budgets] =
    namespace === '' || target.count === 0
      ? [{ listed: [], unknown: [] }, null, []]
      : await Promise.all([contentsOf(view, namespace), podsIn(view, namespace), budgetsIn(view, namespace)])
  const orphans = orphaning(planning)
  const owned = orphans ? [] : ownedBy(target.objects.map(uidOf), contents.listed)
  const gone = new Set([...target.objects.map(uidOf), ...owned.map(({ object }) => uidOf(object))])
  const gonePods = (pods?.items ?? []).filter(pod => gone.has(uidOf(pod)))
  const beside = await besideOf(planning, target.objects[0], pods?.items ?? [])
  const claims = resource === 'persistentvolumeclaims' ? target.objects : []
  const volumes = await volumesOf(view, claims)
  const counts = countsOf(
    target,
    resource,
    owned.map(({ kind }) => kind),
  )
  return {
    ...EMPTY,
    kind: 'delete',
    summary: `${summaryOf(planning, target, owned.length)}${beside.says}`,
    facts: [...(request.info.name === '' ? [] : factsOf(planning, target)), ...beside.facts],
    affected: [
      ...(request.info.name === '' ? target.objects.map(object => toAffected(resource, object)) : []),
      ...gonePods.map(toPod),
      ...owned.filter(({ kind }) => kind !== 'Pod').map(({ kind, object }) => toAffected(kind, object)),
      ...volumes.affected,
      ...beside.affected,
    ],
    counts: [...counts, ...beside.counts],
    notes: [
      ...beside.notes,
      ...volumes.notes,
      ...heldNote(planning, target),
      ...belongingNote(planning, target, orphans),
      ...cutPods(pods),
      ...(claimsHeld(gonePods) === 0 ? [] : [`${claimsHeld(gonePods)} claims that these pods mount stay`]),
      ...budgetNotes(budgets ?? [], gonePods),
      ...refusedNote(target.looked),
      ...(isCounted(target.looked) ? [] : ['there are more than are counted here']),
      ...unboundNote(target),
      ...unknownNote(contents.unknown),
      ...cutLists(contents.listed),
    ],
    object: request.info.name === '' ? null : stateOf(target),
    bound: boundTo(planning, target),
    state: JSON.stringify([target.objects.map(uidOf).toSorted(), target.objects.map(meaningOf), counts]),
  }
}

function orphaning({ request: { options } }: Planning): boolean {
  return options.propagationPolicy === 'Orphan'
}

function summaryOf({ request }: Planning, { looked, count }: Targets, owned: number): string {
  if (count === 0 && request.info.name !== '') return absentOr(looked)
  const counted = isCounted(looked) ? count : `at least ${count}`
  const what = request.info.name === '' ? `${counted} ${request.info.resource}` : 'this object'
  const verb = request.info.subresource === 'eviction' ? 'evicts' : 'deletes'
  return `${verb} ${what}${owned === 0 ? '' : ` and ${owned} objects that belong to ${count === 1 ? 'it' : 'them'}`}`
}

/** With a selector the API server does not say how many are left for the next page. */
function isCounted(looked: Looked): boolean {
  const rest = looked.kind === 'found' ? at(looked.value, 'metadata') : null
  return textAt(rest, 'continue') === '' || typeof at(rest, 'remainingItemCount') === 'number'
}

function absentOr(looked: Looked): string {
  return looked.kind === 'absent' ? 'nothing of this name is there' : 'what it would delete could not be looked at'
}

function factsOf({ now }: Planning, { objects }: Targets): Draft['facts'] {
  return objects.flatMap(object => [
    { name: 'age', value: ageOf(textAt(object, 'metadata', 'creationTimestamp'), now) },
    { name: 'owner', value: ownerOf(object) },
    ...(listAt(object, 'metadata', 'finalizers').length === 0
      ? []
      : [{ name: 'finalizers', value: listAt(object, 'metadata', 'finalizers').map(String).join(', ') }]),
    ...(typeof at(object, 'spec', 'replicas') === 'number'
      ? [{ name: 'replicas', value: String(at(object, 'spec', 'replicas')) }]
      : []),
  ])
}

function toPod(pod: unknown): Draft['affected'][number] {
  const detail = `${textAt(pod, 'status', 'phase') || 'unknown'}, ${isReady(pod) ? 'ready' : 'not ready'}`
  return { ...toAffected('Pod', pod), detail }
}

function toAffected(kind: string, object: unknown): Draft['affected'][number] {
  return { kind, namespace: textAt(object, 'metadata', 'namespace'), name: textAt(object, 'metadata', 'name') }
}

function countsOf({ count }: Targets, resource: string, kinds: readonly string[]): Draft['counts'] {
  const owned = [...Map.groupBy(kinds, kind => kind)].map(([kind, each]) => ({ kind, count: each.length }))
  return [{ kind: resource, count }, ...owned]
}

function claimsHeld(pods: readonly unknown[]): number {
  return new Set(pods.flatMap(claimsOf)).size
}

/** Most objects of a collection that a yes can name. */
const MOST_BOUND = 64

/** Each object that the API server would delete has to be one of these. What comes to a collection later is not met by the yes. */
function boundTo({ request: { info } }: Planning, { objects, count }: Targets): string {
  if (info.subresource === 'eviction' || count > MOST_BOUND) return ''
  if (info.name === '') return count === 0 ? 'none' : objects.map(uidOf).join(' ')
  const state = stateOf({ objects })
  return state === null || state.uid === '' ? '' : `${state.uid}@${state.resourceVersion}`
}

function stateOf({ objects }: Pick<Targets, 'objects'>): Draft['object'] {
  const [object] = objects
  if (object === undefined) return null
  return { uid: uidOf(object), resourceVersion: textAt(object, 'metadata', 'resourceVersion') }
}

function unboundNote({ count }: Targets): readonly string[] {
  if (count <= MOST_BOUND) return []
  return [`a yes is for whatever is there by then: more than ${MOST_BOUND} objects cannot be named in it`]
}

function uidOf(object: unknown): string {
  return textAt(object, 'metadata', 'uid')
}

function refusedNote(looked: Looked): readonly string[] {
  return looked.kind === 'refused' ? [`it may not be looked at: ${looked.why}`] : []
}

function unknownNote(unknown: readonly string[]): readonly string[] {
  return unknown.length === 0 ? [] : [`not looked at, since the rights for it are missing: ${unknown.join(', ')}`]
}

/** By what belongs to it, in kinds that nobody here may list or knows. A pod owns next to nothing. */
function belongingNote({ request: { info } }: Planning, { count }: Targets, orphans: boolean): readonly string[] {
  if (orphans) return ['what it owns stays, and belongs to nobody']
  if (count === 0 || info.namespace === '' || (info.apiGroup === '' && info.resource === 'pods')) return []
  return ['Secrets and objects of other kinds that belong to it go as well, and are not counted']
}

function heldNote({ request: { info } }: Planning, { objects }: Targets): readonly string[] {
  const isHeld = info.name !== '' && objects.some(object => listAt(object, 'metadata', 'finalizers').length > 0)
  return isHeld ? ['it stays until whoever waits for it takes its finalizers away'] : []
}

/** What is told of pods, their budgets and claims is of those that were read. */
function cutPods(pods: Omit<Listed, 'kind'> | null): readonly string[] {
  return pods === null || pods.count <= pods.items.length
    ? []
    : [`of ${pods.count} pods the first ${pods.items.length} were looked at`]
}

/** Of a long list only the first were read. */
function cutLists(listed: readonly Listed[]): readonly string[] {
  return listed
    .filter(({ items, count }) => count > items.length)
    .map(
      ({ kind, items, count }) => `of ${count} objects of kind ${kind.kind} the first ${items.length} were looked at`,
    )
}
