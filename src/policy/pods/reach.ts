import type { SentObject } from '../../request/object/sent-object.ts'
import { parseYaml } from '../../request/object/yaml.ts'
import {
  isAccountName,
  isPartOfReference,
  isPodInText,
  isSecretName,
  isSecretReference,
  NO_TARGETS,
  targetsOf,
  tellsOfPods,
} from './fields-of-others.ts'
import { BEYOND, isThere, MACHINE_VOLUMES, mountsOther, POD_VOLUMES, unmasksProc } from './host/host-fields.ts'
import { bringsPods } from './pod-kinds.ts'
import { elementsOf, type Write, writtenBy } from './written.ts'
import { writtenOn } from './written-on.ts'

/** What pods that come of a write would have within reach. */
export interface Reach {
  /** Something of the node, beyond what Pod Security's limits let a pod have. */
  readonly host: boolean
  /** A token or a certificate of an account, by name. */
  readonly tokens: boolean
  /** Secrets of the namespace, as files, as variables, for pulling images or for a driver; in kinds of others for whatever these do with them. */
  readonly secrets: boolean
  /** An identity in a cloud or a directory. */
  readonly cloud: boolean
  /** Whether they push out pods of others. */
  readonly priority: boolean
  /** Service accounts other than the default one. */
  readonly accounts: ReadonlySet<string>
  /** Whether anything in it looks like a part of a pod. */
  readonly pods: boolean
}

interface Found {
  host: boolean
  tokens: boolean
  secrets: boolean
  cloud: boolean
  priority: boolean
  pods: boolean
  /** Volumes that pods must not have; of other objects they are none of ours. */
  volumes: boolean
  readonly accounts: Set<string>
  /** Characters of pods in texts that may still be read: it takes time that others wait for. */
  text: number
}

const MAX_TEXT = 16_384

const NONE = { host: false, tokens: false, secrets: false, cloud: false, priority: false }
const NOTHING: Reach = { ...NONE, accounts: new Set(), pods: false }
/** Of what cannot be read. */
const EVERYTHING: Reach = {
  host: true,
  tokens: true,
  secrets: true,
  cloud: true,
  priority: true,
  accounts: new Set(),
  pods: true,
}

const TOKENS: ReadonlySet<string> = new Set(['serviceAccountToken', 'podCertificate'])
const ACCOUNTS: ReadonlySet<string> = new Set(['serviceAccountName', 'serviceAccount'])
const SECRETS: ReadonlySet<string> = new Set([
  ...TOKENS,
  'secret',
  'secretRef',
  'secretKeyRef',
  'secretName',
  'nodePublishSecretRef',
  'networkDataSecretRef',
  'csi',
])
/** What only pods and their templates have. */
const OF_PODS: ReadonlySet<string> = new Set([
  'containers',
  'initContainers',
  'ephemeralContainers',
  'securityContext',
  'envFrom',
  'valueFrom',
  'volumeMounts',
  'imagePullSecrets',
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'hostPath',
  // Virtual machines run in pods, and have volumes as they do.
  'cloudInitNoCloud',
  'cloudInitConfigDrive',
  ...TOKENS,
])

/** Each write is asked about several times. */
const known = new WeakMap<SentObject, Reach>()

/** What the pods of a write would reach; everything where pods come of it and it cannot be read. */
export function reachOf(write: Write): Reach {
  const pods = bringsPods(write.info)
  if (pods === 'no' || (write.object.kind === 'none' && (pods === 'perhaps' || write.info.subresource !== '')))
    return NOTHING
  const before = known.get(write.object)
  if (before !== undefined) return before
  const written = writtenBy(write)
  const reach =
    written === null
      ? EVERYTHING
      : lookInto(written, {
          isPods: pods === 'yes',
          targets: targetsOf(write.info),
          isPatch: write.info.verb === 'patch',
          inUserNamespace: false,
        })
  if (written !== null) known.set(write.object, reach)
  return reach
}

/** Fields are looked for by name wherever they stand, so that whole objects and every kind of patch are read alike. */
function lookInto(written: readonly object[], place: Place): Reach {
  const found: Found = { ...NONE, pods: place.isPods, volumes: false, accounts: new Set(), text: MAX_TEXT }
  for (const each of written) walk(each, found, place)
  const { volumes, text: _, ...reach } = found
  return { ...reach, host: reach.host || (volumes && reach.pods) }
}

interface Place {
  /** Whether the kind is one of pods, of which every field is known. */
  readonly isPods: boolean
  /** Fields that are none of these. */
  readonly targets: ReadonlySet<string>
  /** Of a patch, what is not written stays as it is. */
  readonly isPatch: boolean
  readonly inUserNamespace: boolean
}

function walk(node: object, found: Found, place: Place): void {
  if (Array.isArray(node)) {
    for (const each of node) if (typeof each === 'object' && each !== null) walk(each, found, place)
    return
  }
  const members = Object.entries(node)
  const inside =
    Reflect.get(node, 'hostUsers') === false && Object.hasOwn(node, 'containers')
      ? { ...place, inUserNamespace: true }
      : place
  for (const [name, value] of members) {
    if (!isThere(value) || inside.targets.has(name)) continue
    note(name, value, found, inside)
    if (!inside.isPods) noteOfOthers(name, value, found, inside)
    if (typeof value === 'object') walk(value as object, found, inside)
  }
}

function elementsOrItself(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

/** What is in a text is looked into once: nobody writes one within another. */
function noteOfOthers(name: string, value: unknown, found: Found, { isPatch }: Place): void {
  if (tellsOfPods(name, value)) found.pods = true
  if ((isSecretName(name) && namesSomething(value)) || isSecretReference(name, value)) found.secrets = true
  if (isPatch && elementsOrItself(value).some(each => isPartOfReference(name, each))) found.secrets = true
  if (isAccountName(name)) noteAccount(nameIn(value), found, false)
  if (!isPodInText(name, value)) return
  found.text -= value.length
  const read = found.text < 0 ? null : parseYaml(Buffer.from(value))
  if (read?.kind === 'ok' && typeof read.value === 'object' && read.value !== null)
    walk(read.value, found, { isPods: true, targets: NO_TARGETS, isPatch: false, inUserNamespace: false })
  else found.host = found.tokens = found.secrets = found.cloud = found.priority = true
  found.pods = true
}

function namesSomething(value: unknown): boolean {
  return typeof value === 'object' ? elementsOf(value).length > 0 : typeof value === 'string' && value !== ''
}

/** `serviceAccount: {name: x}` */
function nameIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'name')
    ? Reflect.get(value, 'name')
    : value
}

function note(name: string, value: unknown, found: Found, { isPods, inUserNamespace }: Place): void {
  if (OF_PODS.has(name) || (name === 'domain' && typeof value === 'object')) found.pods = true
  if (BEYOND.get(name)?.(value) === true) found.host = true
  if (name === 'procMount' && !inUserNamespace && unmasksProc(value)) found.host = true
  if (name === 'nodeName' && isPods && value !== '') found.host = true
  if (name === 'volumes' && mountsOther(value, isPods ? POD_VOLUMES : MACHINE_VOLUMES)) found.volumes = true
  if (TOKENS.has(name)) found.tokens = true
  if (SECRETS.has(name) && value !== '') found.secrets = true
  // Names of Secrets that an operator mounts (monitoring.coreos.com and others).
  if (!isPods && name === 'secrets' && elementsOf(value).some(each => typeof each === 'string'))
    found.secrets = found.pods = true
  if (name === 'imagePullSecrets' && elementsOf(value).length > 0) found.secrets = true
  if (ACCOUNTS.has(name)) noteAccount(value, found, isPods)
  const brought = writtenOn(name, value)
  if (brought.secrets) found.secrets = true
  if (brought.cloud) found.cloud = true
  if (brought.priority) found.priority = true
}

/** Others have more than a name there, which is looked into by itself. */
function noteAccount(value: unknown, { accounts }: Found, isPods: boolean): void {
  if (value === '' || value === 'default' || (typeof value === 'object' && !isPods)) return
  accounts.add(typeof value === 'string' ? value : '')
}
