import {
  APPARMOR_VALUES,
  CAPABILITIES,
  PROFILE_TYPES,
  SELINUX_TYPES,
  SYSCTLS,
  VOLUME_SOURCES,
} from '../../pods/host/pod-security.ts'
import { cel, listOf } from '../cel.ts'
import { refuse, type Validation, type Variable } from '../objects.ts'

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'

/** Places in a container where the kubelet is told to connect to. */
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.?postStart', 'lifecycle.?preStop']

/** Each holds for pods that come no nearer to their node than Pod Security's limits let them, and says what the others do. */
const LIMITS: readonly (readonly [what: string, holds: string])[] = [
  [
    "share the host's namespaces",
    cel`variables.pods.all(pod, ["hostNetwork", "hostPID", "hostIPC"].all(field, pod.spec[?field].orValue(false) == false))`,
  ],
  ['are privileged', inContexts('context.?privileged.orValue(false) == false')],
  ['run as a process of the host', inContexts('context.?windowsOptions.?hostProcess.orValue(false) == false')],
  ['add capabilities', inContexts(`context.?capabilities.?add.orValue([]).all(each, each in ${listOf(CAPABILITIES)})`)],
  // In a user namespace of its own it shows nothing of the host.
  [
    'unmask /proc',
    cel`
      variables.pods.all(pod, pod.spec.?hostUsers.orValue(true) == false)
      || ${inContexts('context.?procMount.orValue("Default") == "Default"')}`,
  ],
  [
    'take their seccomp or AppArmor profile off',
    inContexts(
      `["seccompProfile", "appArmorProfile"].all(field, context[?field].?type.orValue("RuntimeDefault") in ${listOf(PROFILE_TYPES)})`,
    ),
  ],
  [
    'take their AppArmor profile off by an annotation',
    cel`
      variables.pods.all(pod, pod.?metadata.?annotations.orValue({}).all(key, !key.startsWith("${APPARMOR}")
        || ${appArmorAllows('pod.metadata.annotations[key]')}))`,
  ],
  [
    'change their SELinux label',
    inContexts(cel`
      context.?seLinuxOptions.?type.orValue("") in ${listOf(SELINUX_TYPES)}
      && context.?seLinuxOptions.?user.orValue("") == "" && context.?seLinuxOptions.?role.orValue("") == ""`),
  ],
  ['set sysctls', inContexts(`context.?sysctls.orValue([]).all(each, each.name in ${listOf(SYSCTLS)})`)],
  [
    'mount what is on the host, or what a driver brings',
    cel`variables.volumes.all(list, list.all(volume, volume.all(key, key == "name" || key in ${listOf(VOLUME_SOURCES)})))`,
  ],
  [
    'listen on ports of the host',
    inContainers('container.?ports.orValue([]).all(port, port.?hostPort.orValue(0) == 0)'),
  ],
  [
    'let the kubelet connect to an address',
    inContainers(cel`
      [${PROBES.map(probe => `?container.?${probe}`).join(', ')}]
        .all(probe, probe.?httpGet.?host.orValue("") == "" && probe.?tcpSocket.?host.orValue("") == "")`),
  ],
  [
    'name their node, or say that they are its own',
    cel`
      variables.pods.all(pod, !("kubernetes.io/config.mirror" in pod.?metadata.?annotations.orValue({}))
        && (pod.spec.?nodeName.orValue("") == "" || variables.before.exists(old, old.spec.?nodeName == pod.spec.?nodeName)))`,
  ],
]

export const MAY_REACH_HOST: Variable = {
  name: 'mayReachHost',
  expression: '"pod-host" in variables.dangerous',
}

/** A binding names the node of a pod, and puts its annotations on it. */
const BINDING = refuse(
  cel`
    "pods-binding" in variables.dangerous
    || request.resource.resource != "bindings" && request.?subResource.orValue("") != "binding"`,
  'leased identities bind no pod to a node: the task template does not name pods-binding',
)

export const HOST: readonly Validation[] = [
  ...LIMITS.map(([what, holds]) =>
    refuse(
      `variables.mayReachHost || ${holds}`,
      `leased identities make or change no pods that ${what}: the task template does not name pod-host`,
    ),
  ),
  BINDING,
]

function inContexts(holds: string): string {
  return `variables.contexts.all(list, list.all(context, ${holds}))`
}

function inContainers(holds: string): string {
  return `variables.containers.all(list, list.all(container, ${holds}))`
}

/** The last of the values is a beginning. */
function appArmorAllows(value: string): string {
  const exact = APPARMOR_VALUES.filter(each => !each.endsWith('/'))
  const beginnings = APPARMOR_VALUES.filter(each => each.endsWith('/')).map(each => `${value}.startsWith("${each}")`)
  return [`${value} in ${listOf(exact)}`, ...beginnings].join(' || ')
}
