import { elementsOf } from '../written.ts'
import { APPARMOR_VALUES, CAPABILITIES, PROFILE_TYPES, SELINUX_TYPES, SYSCTLS, VOLUME_SOURCES } from './pod-security.ts'

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'
/** Makes a pod the image of one that the node runs by itself. */
const MIRROR = 'kubernetes.io/config.mirror'

const CAPABILITY: ReadonlySet<unknown> = new Set(CAPABILITIES)
const SYSCTL: ReadonlySet<unknown> = new Set(SYSCTLS)
const SELINUX_TYPE: ReadonlySet<unknown> = new Set(SELINUX_TYPES)
const PROFILE_TYPE: ReadonlySet<unknown> = new Set(['', ...PROFILE_TYPES])
/** The last one is a beginning. */
const APPARMOR_VALUE: ReadonlySet<unknown> = new Set(APPARMOR_VALUES)
const APPARMOR_BEGINNINGS = APPARMOR_VALUES.filter(value => value.endsWith('/'))

export const POD_VOLUMES: ReadonlySet<string> = new Set(VOLUME_SOURCES)
/** Those of virtual machines, and of whatever else runs in pods. */
export const MACHINE_VOLUMES: ReadonlySet<string> = new Set([
  ...VOLUME_SOURCES,
  'cloudInitConfigDrive',
  'cloudInitNoCloud',
  'containerDisk',
  'dataVolume',
  'emptyDisk',
  'serviceAccount',
  'sysprep',
])

/** Fields by which a pod comes near its node, each with whether this value goes beyond what is allowed. */
export const BEYOND: ReadonlyMap<string, (value: unknown) => boolean> = new Map(
  Object.entries({
    hostNetwork: isOn,
    hostPID: isOn,
    hostIPC: isOn,
    privileged: isOn,
    hostProcess: isOn,
    hostPath: isThere,
    // Of virtual machines.
    hostDisk: isThere,
    hostPort: (value: unknown) => isThere(value) && value !== 0,
    capabilities: (value: unknown) => elementsOf(member(value, 'add')).some(each => !CAPABILITY.has(each)),
    seccompProfile: isOtherProfile,
    appArmorProfile: isOtherProfile,
    seLinuxOptions: isOtherLabel,
    sysctls: (value: unknown) => elementsOf(value).some(each => isOther(member(each, 'name'), SYSCTL)),
    httpGet: namesHost,
    tcpSocket: namesHost,
    annotations: (value: unknown) => isRecord(value) && Object.entries(value).some(isOtherAnnotation),
  }),
)

/** Whether /proc is not masked; in a user namespace Pod Security lets it be. */
export function unmasksProc(value: unknown): boolean {
  return isThere(value) && value !== '' && value !== 'Default'
}

/** Whether a list of volumes has one of a type that may hold something of the node, or that a driver of its choice brings. */
export function mountsOther(volumes: unknown, allowed: ReadonlySet<string>): boolean {
  // Sources are objects; names with a dollar sign are directives of a strategic merge patch, which set nothing.
  return elementsOf(volumes).some(
    volume =>
      isRecord(volume) &&
      Object.entries(volume).some(([name, source]) => isRecord(source) && !name.startsWith('$') && !allowed.has(name)),
  )
}

export function isThere(value: unknown): boolean {
  return value !== null && value !== undefined
}

function isOn(value: unknown): boolean {
  return isThere(value) && value !== false
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

function isOther(value: unknown, allowed: ReadonlySet<unknown>): boolean {
  return isThere(value) && !allowed.has(value)
}

function isOtherProfile(value: unknown): boolean {
  return isThere(value) && (!isRecord(value) || isOther(value['type'], PROFILE_TYPE))
}

function isOtherLabel(value: unknown): boolean {
  const names = ['user', 'role'].map(name => member(value, name))
  return isOther(member(value, 'type'), SELINUX_TYPE) || names.some(name => isThere(name) && name !== '')
}

function namesHost(value: unknown): boolean {
  const host = member(value, 'host')
  return isThere(host) && host !== ''
}

function isOtherAnnotation([name, value]: readonly [string, unknown]): boolean {
  if (!isThere(value)) return false
  if (name === MIRROR) return true
  if (!name.startsWith(APPARMOR) || APPARMOR_VALUE.has(value)) return false
  return typeof value !== 'string' || !APPARMOR_BEGINNINGS.some(beginning => value.startsWith(beginning))
}
