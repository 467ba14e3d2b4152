import type { RequestInfo } from '../../../request/api-request.ts'
import { carriesCredential } from '../../../request/object/carries-credential.ts'
import { objectName } from '../../../request/object/object-name.ts'
import { isCompared, UNBOUND, wordOf } from '../bound.ts'
import { type Draft, EMPTY } from '../draft.ts'
import type { Looked } from '../look/cluster-view.ts'
import { at, membersAt, textAt } from '../look/json.ts'
import { objectPath } from '../look/object-path.ts'
import { podFacts } from '../look/pod-facts.ts'
import { actorOf, type Planning } from '../planning.ts'
import { type Change, changesOf, meaningOf } from './changes.ts'
import { isUntried, knowsDryRuns } from './knows-dry-runs.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { stopNotes } from './stop-notes.ts'
import { toDryRun } from './to-dry-run.ts'

/** What would be another: what is there beside what a dry run of exactly this request says would be. */
export async function writePlan(planning: Planning): Promise<Draft> {
  const { request, view } = planning
  const { info } = request
  const name = objectName(request) ?? ''
  const unknown = await knowsDryRuns(view, info)
  const tried = () => (unknown === null ? view.dryRunAs(actorOf(planning), toDryRun(planning.sent)) : null)
  const [before, first, owner] = await Promise.all([
    name === '' ? null : lookAt(planning, name),
    Promise.all([tried(), tried()]),
    isScaleOf(info, 'statefulsets') ? lookAt(withoutPart(planning), name) : null,
  ])
  const old = before?.kind === 'found' ? before.value : null
  const mayLook = before?.kind !== 'refused'
  const became = (runs: readonly (Looked | null)[]) =>
    outcomeOf({ info, runs, known: knownTo(planning, old), now: planning.now })
  const one = became(first)
  // Something may have been written between the two.
  const runs = isKnown(one) ? first : await Promise.all([tried(), tried()])
  const outcome = runs === first ? one : became(runs)
  const [after] = runs
  const found = after?.kind === 'found' && mayLook ? compared(planning, old, after.value) : []
  const changes = found.map(change => (outcome.anew.has(change.path) ? { ...change, anew: true } : change))
  const refusal = refusalOf(outcome)
  return {
    ...EMPTY,
    kind: 'write',
    summary: summaryOf(planning, { before, after, changes }),
    facts: [
      ...subjectOf(planning, name, old),
      ...(isPod(info) && old !== null ? podFacts(old, planning.now) : []),
      ...unchangedKeys(planning, old, changes),
    ],
    changes,
    warnings: [
      ...(refusal === '' ? [] : [refusal]),
      ...setAnew(outcome),
      ...(after?.kind === 'found' ? stopNotes(info, { before: old, after: after.value, owner: owner ?? before }) : []),
      ...(unknown === null ? [] : [unknown]),
      ...notesOn(request.info.verb, before),
      ...(after === null ? [] : notesOnDryRun(after, planning)),
      ...(info.verb !== 'create' && !isCompared(info, boundTo(planning, before)) ? [UNBOUND] : []),
    ],
    notes: changes.some(({ hidden }) => hidden === true) ? ['values that may be credentials are hidden'] : [],
    object: old === null ? null : stateOf(old),
    bound: boundTo(planning, before),
    state: JSON.stringify([
      textAt(old, 'metadata', 'uid'),
      meaningOf(old),
      outcome.words,
      info.subresource === 'status' ? found : [],
    ]),
    ...(refusal === '' ? {} : { refusal }),
  }
}

/** So many fields are named. */
const MOST_NAMED = 8

function some(fields: readonly string[]): string {
  const more = fields.length - MOST_NAMED
  return `${fields.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function setAnew({ anew }: Outcome): readonly string[] {
  if (anew.size === 0) return []
  return [
    `set anew at each write, by the API server or a webhook: ${some([...anew])}; a yes is to their being there, whatever they say`,
  ]
}

/** Whether what two tries came to is the same, but for what runs nothing. */
function isKnown({ unsure, isSplit }: Outcome): boolean {
  return unsure.length === 0 && !isSplit
}

/** A yes to the one would be a yes to whatever comes next. */
function refusalOf(outcome: Outcome): string {
  if (isKnown(outcome)) return ''
  const { unsure, isSplit } = outcome
  if (isSplit) return 'nobody can say yes to it: one and the same request is answered in two ways, done and refused'
  return `nobody can say yes to it: of one and the same request the API server, or a webhook, makes another each time in ${some(unsure)}, by which something may run; whoever runs the cluster's webhooks has to mend that`
}

function isPod({ apiGroup, resource }: RequestInfo): boolean {
  return apiGroup === '' && resource === 'pods'
}

function isScaleOf({ apiGroup, resource, subresource }: RequestInfo, what: string): boolean {
  return apiGroup === 'apps' && resource === what && subresource === 'scale'
}

function withoutPart(planning: Planning): Planning {
  const { request } = planning
  return { ...planning, request: { ...request, info: { ...request.info, subresource: '' } } }
}

function knownTo({ sent }: Planning, old: unknown): readonly string[] {
  return [Buffer.from(sent.body).toString('latin1'), JSON.stringify(old)]
}

/** A create is bound by its name: where something is, the API server makes nothing. */
function boundTo({ request: { info } }: Planning, before: Looked | null): string {
  if (info.verb === 'create' || before === null || before.kind === 'refused') return ''
  if (before.kind === 'absent') return 'none'
  return wordOf(before.value)
}

function stateOf(object: unknown): { readonly uid: string; readonly resourceVersion: string } {
  return { uid: textAt(object, 'metadata', 'uid'), resourceVersion: textAt(object, 'metadata', 'resourceVersion') }
}

/** Parts that are read with the object itself, for which the account that looks has the rights. */
const WITHIN: ReadonlySet<string> = new Set(['status', 'ephemeralcontainers', 'resize'])

/** Of what may hold a credential only the rights of the lease itself show anything. */
async function lookAt(planning: Planning, name: string): Promise<Looked> {
  const { request, view } = planning
  const { subresource } = request.info
  const path = objectPath({ ...request.info, name, subresource: WITHIN.has(subresource) ? '' : subresource })
  if (carriesCredential(request.info)) return view.getAs(actorOf(planning), path)
  const own = await view.get(path)
  return own.kind === 'refused' ? view.getAs(actorOf(planning), path) : own
}

/** Of what is new everything is a change. */
function compared(planning: Planning, before: unknown, after: unknown): readonly Change[] {
  const { request, mask } = planning
  const isStatus = request.info.subresource === 'status'
  const seen = (object: unknown) => (isStatus ? object : withoutStatus(object))
  return changesOf(seen(before), seen(after), { isCredential: carriesCredential(request.info), mask })
}

/** The API server does not let a plain write change it. */
function withoutStatus(object: unknown): unknown {
  if (typeof object !== 'object' || object === null) return object
  const { status: _, ...rest } = object as Readonly<Record<string, unknown>>
  return rest
}

interface Seen {
  readonly before: Looked | null
  readonly after: Looked | null
  readonly changes: readonly Change[]
}

function summaryOf({ request }: Planning, { before, after, changes }: Seen): string {
  if (after === null || isUntried(after)) return 'what it would change is not known'
  if (after.kind !== 'found') return 'as things are, the API server would refuse it'
  if (before?.kind === 'absent' || request.info.verb === 'create') return 'would make a new object'
  if (before?.kind !== 'found') return 'would be done; what is there now may not be looked at'
  return changes.length === 0 ? 'would change nothing' : `would change ${changes.length} fields`
}

function subjectOf({ request }: Planning, name: string, old: unknown): Draft['facts'] {
  const { apiGroup, resource, subresource, namespace } = request.info
  const kind = `${resource}${apiGroup === '' ? '' : `.${apiGroup}`}${subresource === '' ? '' : `/${subresource}`}`
  return [
    {
      name: 'object',
      value: `${kind} ${name === '' ? '(a name of its own)' : name}${namespace === '' ? '' : ` in ${namespace}`}`,
    },
    ...(old === null ? [] : [{ name: 'uid', value: textAt(old, 'metadata', 'uid') }]),
  ]
}

/** Which keys of a Secret stay as they are is worth to know; what is in them is not for anybody here. */
function unchangedKeys({ request }: Planning, old: unknown, changes: readonly Change[]): Draft['facts'] {
  if (!carriesCredential(request.info) || old === null || request.info.subresource !== '') return []
  const touched = new Set(changes.map(({ path }) => path))
  const kept = membersAt(old, 'data')
    .map(([key]) => key)
    .filter(key => ![`data.${key}`, `data.${JSON.stringify(key)}`].some(path => touched.has(path)))
  return kept.length === 0 ? [] : [{ name: 'keys that stay as they are', value: kept.join(', ') }]
}

function notesOn(verb: string, before: Looked | null): readonly string[] {
  if (before === null) return []
  if (before.kind === 'refused') return [`what is there may not be looked at: ${before.why}`]
  if (before.kind === 'absent') return verb === 'update' ? ['nothing of this name is there'] : []
  return [
    ...(verb === 'create' ? ['an object of this name is there already'] : []),
    ...(at(before.value, 'metadata', 'deletionTimestamp') === undefined ? [] : ['it is being deleted already']),
  ]
}

/** It may say again what was sent. */
function notesOnDryRun(after: Looked, { request, mask }: Planning): readonly string[] {
  if (after.kind === 'found') return []
  if (after.kind === 'absent') return ['the API server knows no such object']
  return [
    `the API server says: ${carriesCredential(request.info) ? `no, with status ${after.status}` : mask(after.why)}`,
  ]
}
