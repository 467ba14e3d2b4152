import { carriesCredential } from '../../../request/object/carries-credential.ts'
import { type Draft, EMPTY } from '../draft.ts'
import { ageOf } from '../look/age.ts'
import type { Looked } from '../look/cluster-view.ts'
import { at, listAt, textAt } from '../look/json.ts'
import { collectionPath, objectPath } from '../look/object-path.ts'
import { isReady, ownerOf } from '../look/pods.ts'
import { actorOf, type Planning } from '../planning.ts'
import { meaningOf } from '../write/changes.ts'
import { besideOf } from './beside.ts'
import { boundTo, refusalOf, unboundNotes } from './bound-to.ts'
import { budgetNotes } from './budgets.ts'
import { claimsGone } from './claims-gone.ts'
import { budgetsIn, claimsIn, contentsOf, cutPods, type Listed, podsIn, toList } from './lists.ts'
import { type Owned, ownedBy, stayingOf } from './owned.ts'
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
    warnings: [
      ...volumes.notes,
      ...(claims === null ? ['what becomes of the data of its claims is not known'] : []),
      ...unboundNotes(request.info, target),
    ],
    notes: [
      ...budgetNotes(budgets ?? [], pods?.items ?? []),
      ...cutPods(pods),
      'Secrets and objects of other kinds go as well, and are not counted',
      ...unknownNote(contents.unknown),
    ],
    object: stateOf(target),
    bound: boundTo(request.info, target),
    state: JSON.stringify([target.objects.map(uidOf), madeByPeople(contents.listed)]),
  }
}

/** What makes itself comes and goes while somebody reads; what nobody owns was put there. */
function madeByPeople(listed: readonly Listed[]): readonly string[] {
  const unowned = listed.flatMap(({ items }) =>
    items.filter(object => listAt(object, 'metadata', 'ownerReferences').length === 0),
  )
  return unowned.map(uidOf).toSorted()
}

async function objectsPlan(planning: Planning, target: Targets): Promise<Draft> {
  const { info } = planning.request
  const { contents, pods, budgets } = await aroundOf(planning, target)
  const uids = target.objects.map(uidOf)
  const orphans = orphaning(planning)
  const owned = orphans ? [] : ownedBy(uids, contents.listed)
  const gone = new Set([...uids, ...owned.map(({ object }) => uidOf(object))])
  const gonePods = (pods?.items ?? []).filter(pod => gone.has(uidOf(pod)))
  const beside = await besideOf(planning, target.objects[0], pods?.items ?? [])
  const claims = await claimsGone(planning, { targets: target.objects, owned, pods: gonePods })
  const volumes = await volumesOf(planning.view, claims.claims)
  const listedTargets = info.name === '' ? target.objects.map(object => toAffected(info.resource, object)) : []
  return {
    ...EMPTY,
    kind: 'delete',
    summary: `${summaryOf(planning, target, owned.length)}${beside.says}`,
    facts: [...(info.name === '' ? [] : factsOf(planning, target)), ...beside.facts],
    affected: [
      ...listedTargets,
      ...gonePods.map(toPod),
      ...owned.filter(({ kind }) => kind !== 'Pod').map(({ kind, object }) => toAffected(kind, object)),
      ...volumes.affected,
      ...beside.affected,
    ],
    counts: [...countsOf(target, info.resource, owned), ...beside.counts],
    warnings: [
      ...volumes.notes,
      ...claims.notes,
      ...unboundNotes(info, target),
      ...refusedNote(target.looked),
      ...(isCounted(target.looked) ? [] : ['there are more than are counted here']),
      ...beside.notes,
      ...budgetNotes(budgets ?? [], gonePods, info.subresource === 'eviction' ? 'eviction' : 'delete'),
    ],
    notes: [
      ...heldNote(planning, target),
      ...belongingNote(planning, target, orphans),
      ...stayingNotes(orphans ? 0 : stayingOf(uids, contents.listed), claims.staying),
      ...cutPods(pods),
      ...unknownNote(contents.unknown),
      ...cutLists(contents.listed),
    ],
    object: info.name === '' ? null : stateOf(target),
    bound: boundTo(info, target),
    refusal: refusalOf(info, target),
    state: JSON.stringify([uids.toSorted(), target.objects.map(meaningOf), target.count, lasting(owned)]),
  }
}

/** What there is in the namespace of a delete. */
async function aroundOf({ request, view }: Planning, target: Targets) {
  const { namespace } = request.info
  if (namespace === '' || target.count === 0) return { contents: { listed: [], unknown: [] }, pods: null, budgets: [] }
  const [contents, pods, budgets] = await Promise.all([
    contentsOf(view, namespace),
    podsIn(view, namespace),
    budgetsIn(view, namespace),
  ])
  return { contents, pods, budgets }
}

/** Kinds that controllers make and take away by themselves, all day. */
const PASSING: ReadonlySet<string> = new Set([
  'Pod',
  'ReplicaSet',
  'Job',
  'ControllerRevision',
  'Endpoints',
  'EndpointSlice',
])

function lasting(owned: readonly Owned[]): readonly string[] {
  return owned
    .filter(({ kind }) => !PASSING.has(kind))
    .map(({ object }) => uidOf(object))
    .toSorted()
}

function stayingNotes(owned: number, claims: number): readonly string[] {
  return [
    ...(owned === 0 ? [] : [`${owned} objects that belong to it have another owner as well, and stay with that one`]),
    ...(claims === 0 ? [] : [`${claims} claims that these pods mount stay`]),
  ]
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

function countsOf({ count }: Targets, resource: string, owned: readonly Owned[]): Draft['counts'] {
  const kinds = [...Map.groupBy(owned, ({ kind }) => kind)].map(([kind, each]) => ({ kind, count: each.length }))
  return [{ kind: resource, count }, ...kinds]
}

function stateOf({ objects }: Pick<Targets, 'objects'>): Draft['object'] {
  const [object] = objects
  if (object === undefined) return null
  return { uid: uidOf(object), resourceVersion: textAt(object, 'metadata', 'resourceVersion') }
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

/** Of a long list only the first were read. */
function cutLists(listed: readonly Listed[]): readonly string[] {
  return listed
    .filter(({ items, count }) => count > items.length)
    .map(
      ({ kind, items, count }) => `of ${count} objects of kind ${kind.kind} the first ${items.length} were looked at`,
    )
}
