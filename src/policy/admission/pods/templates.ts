import { STEERING } from '../../pods/steering.ts'
import { cel, listOf } from '../cel.ts'
import type { Variable } from '../objects.ts'

/** Where built-in kinds have a pod or a template of pods, and most others too: an object with `spec`, and `metadata` beside it. */
const PLACES = ['', '.?template', '.?spec.?template', '.?spec.?jobTemplate.?spec.?template', '.?spec.?podTemplate']

/** By these a spec is one of pods. Some kinds have the account alone, and make the pods themselves. */
const OF_PODS = ['containers', 'serviceAccountName', 'hostNetwork', 'hostPID', 'hostIPC']

/**
 * `pods`: what of pods this write makes or changes, each with `spec` and perhaps `metadata`. A pod that was there before with the same
 * spec and the same steering is not among them, whatever else of the object changes: that is a restart, a scale, a label.
 */
export const PODS: readonly Variable[] = [
  { name: 'steering', expression: listOf(STEERING) },
  { name: 'after', expression: podsOf('object') },
  { name: 'before', expression: podsOf('oldObject') },
  {
    name: 'pods',
    expression: cel`
      request.?subResource.orValue("") == "resize" ? [] : variables.after.filter(pod, !variables.before.exists(old, old.spec == pod.spec
        && sets.equivalent(${steeringOf('old')}, ${steeringOf('pod')})))`,
  },
  {
    name: 'containers',
    expression: cel`
      variables.pods.map(pod, pod.spec.?containers.orValue([]) + pod.spec.?initContainers.orValue([])
        + pod.spec.?ephemeralContainers.orValue([]))`,
  },
  {
    name: 'contexts',
    expression: cel`
      variables.pods.map(pod, [pod.spec.?securityContext.orValue({})])
        + variables.containers.map(list, list.map(container, container.?securityContext.orValue({})))`,
  },
  { name: 'volumes', expression: 'variables.pods.map(pod, pod.spec.?volumes.orValue([]))' },
]

function podsOf(object: string): string {
  return cel`
    [${PLACES.map(place => `?${place === '' ? `optional.of(${object})` : object + place}`).join(', ')}]
      .filter(pod, type(pod) == map && type(pod.?spec.orValue("")) == map && ${listOf(OF_PODS)}.exists(field, field in pod.spec))`
}

/** Most that come beside a pod are told by an annotation whether to, some by a label. */
export function steeringOf(pod: string): string {
  const texts = ['annotations', 'labels'].map(
    field => cel`
      ${pod}.?metadata.?${field}.orValue({}).filter(key, variables.steering.exists(prefix, key.startsWith(prefix)))
        .map(key, key + "=" + ${pod}.metadata.${field}[key])`,
  )
  return texts.join(' + ')
}
