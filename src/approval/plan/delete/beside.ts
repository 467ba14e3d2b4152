import type { Draft } from '../draft.ts'
import type { Looked } from '../look/cluster-view.ts'
import { at, listAt, textAt } from '../look/json.ts'
import { collectionPath } from '../look/object-path.ts'
import { claimsOf, runsAs, usesConfigMap, usesSecret } from '../look/pods.ts'
import { actorOf, type Planning } from '../planning.ts'
import { toList } from './lists.ts'

/** What a delete meets beside what belongs to the object. */
export interface Beside extends Pick<Draft, 'facts' | 'affected' | 'counts' | 'notes'> {
  /** Goes on with "deletes this object". */
  readonly says: string
}

const NOTHING: Beside = { facts: [], affected: [], counts: [], notes: [], says: '' }
const MOST_ON_NODE = 200
const NOT_LOOKED = 'what belongs to it was not looked for: it is in no namespace, and may own objects in all of them'
const EVERY_OBJECT = 'with a kind goes every object of it, in all namespaces: how many there are is not known'

/** What follows where nothing of the object itself says so. */
const FOLLOWS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'clusterroles.rbac.authorization.k8s.io': 'every binding that names it gives nothing any more',
    'roles.rbac.authorization.k8s.io': 'every binding that names it gives nothing any more',
    'clusterrolebindings.rbac.authorization.k8s.io': 'whoever it names loses these rights at once',
    'rolebindings.rbac.authorization.k8s.io': 'whoever it names loses these rights at once',
    'validatingwebhookconfigurations.admissionregistration.k8s.io': 'what it refused is let through from then on',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io': 'what it rewrote stays as it is sent from then on',
    'validatingadmissionpolicies.admissionregistration.k8s.io': 'what it refused is let through from then on',
    'validatingadmissionpolicybindings.admissionregistration.k8s.io': 'what it refused is let through from then on',
    'apiservices.apiregistration.k8s.io': 'no kind of this group can be reached until it is there again',
    'networkpolicies.networking.k8s.io': 'what it kept out is let in from then on, unless another policy does',
    resourcequotas: 'its limits are gone from then on',
  }),
)

/** Of one object, in a namespace with these pods or in none. */
export async function besideOf(planning: Planning, object: unknown, pods: readonly unknown[]): Promise<Beside> {
  const { info } = planning.request
  const follows = FOLLOWS.get(info.apiGroup === '' ? info.resource : `${info.resource}.${info.apiGroup}`)
  const notes = follows === undefined ? [] : [follows]
  if (info.namespace !== '') return { ...NOTHING, notes: [...notes, ...usedBy(planning, pods)] }
  const isKind = info.apiGroup === 'apiextensions.k8s.io'
  if (object === undefined || info.name === '')
    return { ...NOTHING, notes: isKind ? [EVERY_OBJECT] : [...notes, NOT_LOOKED] }
  if (isKind) return ofKind(planning, object)
  if (info.apiGroup === '' && info.resource === 'nodes') return ofNode(planning)
  if (info.apiGroup === '' && info.resource === 'persistentvolumes') return ofVolume(object)
  return { ...NOTHING, notes: [...notes, NOT_LOOKED] }
}

/** Whatever else there is, the pods that have it now would miss it at their next start. */
function usedBy({ request: { info } }: Planning, pods: readonly unknown[]): readonly string[] {
  if (info.apiGroup !== '' || info.name === '') return []
  const count = (uses: (pod: unknown) => boolean) => pods.filter(uses).length
  const { name } = info
  switch (info.resource) {
    case 'serviceaccounts': {
      const found = count(pod => runsAs(pod) === name)
      return found === 0 ? [] : [`pods that run as it: ${found}`]
    }
    case 'configmaps':
      return useNote(count(pod => usesConfigMap(pod, name)))
    case 'secrets':
      return useNote(count(pod => usesSecret(pod, name) !== ''))
    case 'persistentvolumeclaims':
      return useNote(count(pod => claimsOf(pod).includes(name)))
    default:
      return []
  }
}

function useNote(found: number): readonly string[] {
  return found === 0 ? [] : [`pods that use it: ${found}`]
}

/** With a kind goes every object of it, in every namespace. */
async function ofKind(planning: Planning, crd: unknown): Promise<Beside> {
  const kind = textAt(crd, 'spec', 'names', 'kind')
  const served = listAt(crd, 'spec', 'versions').find(version => at(version, 'served') === true)
  const looked = await lookAt(planning, {
    apiGroup: textAt(crd, 'spec', 'group'),
    apiVersion: textAt(served, 'name'),
    resource: textAt(crd, 'spec', 'names', 'plural'),
  })
  const says = ` and every object of kind ${kind}, in all namespaces, with what belongs to them`
  if (looked.kind !== 'found')
    return { ...NOTHING, says, notes: [`how many objects of kind ${kind} there are is not known`] }
  const { items, count } = toList(looked.value)
  const affected = items.map(item => ({
    kind,
    namespace: textAt(item, 'metadata', 'namespace'),
    name: textAt(item, 'metadata', 'name'),
  }))
  return { ...NOTHING, says, affected, counts: [{ kind, count }], notes: ['what belongs to those is not counted'] }
}

async function ofNode(planning: Planning): Promise<Beside> {
  const selector = encodeURIComponent(`spec.nodeName=${planning.request.info.name}`)
  const pods = { apiGroup: '', apiVersion: 'v1', resource: 'pods' }
  const looked = await lookAt(planning, pods, `&fieldSelector=${selector}`)
  if (looked.kind !== 'found') return { ...NOTHING, notes: ['which pods are on it may not be looked at'] }
  const { items, count } = toList(looked.value)
  const affected = items.map(pod => ({
    kind: 'Pod',
    namespace: textAt(pod, 'metadata', 'namespace'),
    name: textAt(pod, 'metadata', 'name'),
  }))
  const more =
    textAt(looked.value, 'metadata', 'continue') === '' ? [] : ['there are more pods on it than are named here']
  return { ...NOTHING, affected, counts: [{ kind: 'Pod', count }], notes: [...more, 'its pods are deleted with it'] }
}

/** The planner's own account may seldom look into all namespaces; a lease may. */
async function lookAt(
  planning: Planning,
  kind: Omit<Parameters<typeof collectionPath>[0], 'namespace'>,
  more = '',
): Promise<Looked> {
  const target = `${collectionPath({ ...kind, namespace: '' })}?limit=${MOST_ON_NODE}${more}`
  const own = await planning.view.get(target, 'metadata')
  return own.kind === 'refused' ? planning.view.getAs(actorOf(planning), target, 'metadata') : own
}

function ofVolume(volume: unknown): Beside {
  const name = textAt(volume, 'spec', 'claimRef', 'name')
  const namespace = textAt(volume, 'spec', 'claimRef', 'namespace')
  const policy = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy')
  return {
    ...NOTHING,
    facts: policy === '' ? [] : [{ name: 'reclaim policy', value: policy }],
    affected: name === '' ? [] : [{ kind: 'PersistentVolumeClaim', namespace, name, detail: 'loses its volume' }],
  }
}
