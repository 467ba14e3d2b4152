import { cel } from '../cel.ts'
import { ACTS_AS_A_LEASE, NAME } from '../leased.ts'
import { type AdmissionPolicy, admissionPolicy, refuse, type Validation, type Variable } from '../objects.ts'

/** A namespace is in itself, and yet a right in it does not reach the namespace. */
const WHERE = 'request.resource.resource == "namespaces" ? "" : request.?namespace.orValue("")'

const VARIABLES: readonly Variable[] = [
  NAME,
  { name: 'where', expression: WHERE },
  { name: 'owners', expression: 'object.?metadata.?ownerReferences.orValue([])' },
  { name: 'oldOwners', expression: 'oldObject.?metadata.?ownerReferences.orValue([])' },
  { name: 'finalizers', expression: finalizersOf('object') },
  { name: 'oldFinalizers', expression: finalizersOf('oldObject') },
  { name: 'updates', expression: 'request.operation == "UPDATE"' },
  {
    name: 'mayDelete',
    expression: cel`
      authorizer.group(request.resource.group).resource(request.resource.resource)
        .namespace(variables.where).name(variables.name).check("delete").allowed()`,
  },
]

/** With the right to change an object, but not to delete it: the garbage collector would, or whoever waits for the finalizer. */
const COLLECTED = refuse(
  cel`
    !variables.updates
    || variables.owners == variables.oldOwners && variables.oldFinalizers.all(each, each in variables.finalizers)
    || variables.mayDelete`,
  'leased identities change no ownerReferences and take no finalizers away without the right to delete the object',
)

const [RECLAIM, OLD_RECLAIM] = ofSpec('persistentVolumeReclaimPolicy')
const [DELETION, OLD_DELETION] = ofSpec('deletionPolicy')

/** What lies behind the object would go with it, where it was to stay. */
const RECLAIMED = refuse(
  cel`
    !variables.updates
    || [[${RECLAIM}, ${OLD_RECLAIM}], [${DELETION}, ${OLD_DELETION}]]
      .all(each, each[0] == each[1] || each[0].orValue("") == "Retain")
    || variables.mayDelete`,
  'leased identities change no reclaim or deletion policy without the right to delete the object',
)

const [CONCURRENCY, OLD_CONCURRENCY] = ofSpec('concurrencyPolicy')
const SOONER = ['ttlSecondsAfterFinished', 'activeDeadlineSeconds'].map(field => {
  const [after, before] = ofSpec(field)
  return `!variables.updates || !${after}.hasValue() || ${before}.hasValue() && ${after}.value() >= ${before}.value()`
})

/** A Job ends with its deadline and goes after its time, a pod is stopped by the kubelet, and many kinds of others know such a time. */
const ENDED = refuse(
  `(${SOONER.map(each => `(${each})`).join(' && ')}) || variables.mayDelete`,
  'leased identities let nothing end sooner by itself without the right to delete it',
)

/** Fields by which a controller deletes for whoever sets them. */
const CONTROLLED: readonly Validation[] = [
  // A StatefulSet takes over claims that are there, so that a new one counts too.
  deletes('', 'persistentvolumeclaims', 'let no StatefulSet delete its claims', [
    ...['whenDeleted', 'whenScaled'].map(when => {
      const [after, before] = ofSpec(`persistentVolumeClaimRetentionPolicy.?${when}`)
      return `${after}.orValue("") != "Delete" || ${before}.orValue("") == "Delete"`
    }),
  ]),
  deletes('batch', 'jobs', 'let no CronJob keep fewer Jobs, or replace one that runs', [
    ...['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'].map(keepsAsMany),
    `!variables.updates || ${CONCURRENCY}.orValue("") != "Replace" || ${OLD_CONCURRENCY}.orValue("") == "Replace"`,
  ]),
  deletes('apps', 'replicasets', 'let no workload keep fewer revisions', [keepsAsMany('revisionHistoryLimit')]),
]

export const DELETION_POLICY: AdmissionPolicy = admissionPolicy({
  name: 'leasegate-deletion',
  operations: ['CREATE', 'UPDATE'],
  matchConditions: [ACTS_AS_A_LEASE],
  variables: VARIABLES,
  validations: [COLLECTED, RECLAIMED, ENDED, ...CONTROLLED],
})

/** A namespace ends only when nothing is left of those in its spec either. */
function finalizersOf(object: string): string {
  return cel`
    ${object}.?metadata.?finalizers.orValue([])
      + (request.resource.resource == "namespaces" ? ${object}.?spec.?finalizers.orValue([]) : [])`
}

/** A field of the spec, after the write and before. */
function ofSpec(field: string): readonly [after: string, before: string] {
  return [`object.?spec.?${field}`, `oldObject.?spec.?${field}`]
}

function keepsAsMany(field: string): string {
  const [after, before] = ofSpec(field)
  return `!variables.updates || !${before}.hasValue() || ${after}.orValue(${before}.value()) >= ${before}.value()`
}

/** What would be deleted may be, or nothing is. */
function deletes(group: string, resource: string, what: string, unless: readonly string[]): Validation {
  const may = `authorizer.group("${group}").resource("${resource}").namespace(variables.where).check("delete").allowed()`
  return refuse(
    `${unless.map(each => `(${each})`).join(' && ')} || ${may}`,
    `leased identities ${what} without the right to delete ${resource}`,
  )
}
