import { IN_A_VAULT, VAULTS } from '../../pods/written-on.ts'
import { cel, listOf } from '../cel.ts'
import { ANY, APPROVED, SECRET } from '../granted.ts'
import { refuse, type Validation, type Variable } from '../objects.ts'
import { steeringOf } from './templates.ts'

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers']

/** What may change in a pod without another program running in it, or the same one in another way. Everything else counts as code. */
const NO_CODE = [
  'activeDeadlineSeconds',
  'affinity',
  'nodeSelector',
  'overhead',
  'priority',
  'priorityClassName',
  'resources',
  'schedulingGates',
  'terminationGracePeriodSeconds',
  'tolerations',
  'topologySpreadConstraints',
]
const NO_CODE_OF_A_CONTAINER = ['resizePolicy', 'resources']

/** Volumes that are brought with a Secret whose name says nothing of what is in it, or with none of this namespace. */
const OTHERS = ['azureFile', 'cephfs', 'csi', 'flexVolume', 'iscsi', 'rbd', 'scaleIO', 'storageos']

/** Pods that run something else than before, of all that this write changes. */
export const SECRETS: readonly Variable[] = [
  { name: 'anySecret', expression: cel`"${SECRET}${ANY}" in variables.granted || "${APPROVED}" in variables.granted` },
  {
    name: 'recoded',
    expression: cel`
      request.operation != "UPDATE" || variables.anySecret ? []
        : variables.pods.filter(pod, !variables.before.exists(old, ${runsAs('old', 'pod')}))`,
  },
  {
    name: 'recodedContainers',
    expression: cel`variables.recoded.map(pod, ${CONTAINERS.map(list => `pod.spec.?${list}.orValue([])`).join(' + ')})`,
  },
]

/**
 * Whoever may put other code into a pod, and read what it says, reads the Secrets that it has: in their names somebody asked for none.
 * What is sent says nothing of them where they are there already. What is new is in what is sent, and judged by that.
 */
export const UNREAD: readonly Validation[] = [
  refuse(
    cel`
      variables.recodedContainers.all(list, list.all(container,
        container.?env.orValue([]).all(each, ${isNamed('each.?valueFrom.?secretKeyRef', 'name')}
          && !each.?value.orValue("").matches(${JSON.stringify(IN_A_VAULT.source)}))
        && container.?envFrom.orValue([]).all(each, ${isNamed('each.?secretRef', 'name')})))
      && variables.recoded.all(pod, pod.spec.?imagePullSecrets.orValue([]).all(each, ${isGranted('each.?name')})
        && pod.spec.?volumes.orValue([]).all(volume, ${isNamed('volume.?secret', 'secretName')}
          && volume.?projected.?sources.orValue([]).all(source, ${isNamed('source.?secret', 'name')})
          && ${listOf(OTHERS)}.all(kind, !(kind in volume)))
        && pod.?metadata.?annotations.orValue({}).all(key, !${listOf(VAULTS)}.exists(vault, key.startsWith(vault))))`,
    'leased identities change nothing of what runs in pods that have Secrets: name these in podSecrets of the task template, or have a human asked about each change (approval: require: [workload-code])',
  ),
]

/** Whether a pod runs what another one ran: all the same, but for what is none of it. */
function runsAs(old: string, pod: string): string {
  const lists = listOf(CONTAINERS)
  const listed = (of: string) => `${of}.spec[?list].orValue([])`
  return cel`
    ${isSame(`${old}.spec`, `${pod}.spec`, [...NO_CODE, ...CONTAINERS])}
    && ${lists}.all(list, ${listed(old)}.size() == ${listed(pod)}.size()
      && ${listed(pod)}.all(one, ${listed(old)}.exists(other, ${isSame('other', 'one', NO_CODE_OF_A_CONTAINER)})))
    && sets.equivalent(${steeringOf(old)}, ${steeringOf(pod)})`
}

function isSame(one: string, other: string, but: readonly string[]): string {
  const free = listOf(but)
  return cel`
    ${other}.all(key, key in ${free} || (key in ${one} && ${one}[key] == ${other}[key]))
    && ${one}.all(key, key in ${free} || key in ${other})`
}

function isNamed(reference: string, field: string): string {
  return `(!${reference}.hasValue() || ${isGranted(`${reference}.?${field}`)})`
}

function isGranted(name: string): string {
  return `("${SECRET}" + ${name}.orValue("")) in variables.granted`
}
