import type { RequestInfo } from '../../request/api-request.ts'
import { elementsOf } from './written.ts'

/**
 * Kinds of others say what Kubernetes' own fields say in names of their own: `envSecretKeyRefs`, `runnerServiceAccountName`, `imageName`.
 * By what a name ends in they are told; names of Kubernetes' own kinds are all known, and compared whole.
 */

const ACCOUNT = /serviceAccount(?:Name|Ref)?$/i
const SECRET = /secrets?(?:Name|Ref|KeyRef|Key)?s?$/i
const IMAGE = /image(?:Name|Tag|Repo(?:sitory)?|Ur[il]|Ref|Digest)?$/i
/** What only who runs something has. */
const RUNS = /^(?:container|sidecars?|pod(?:Template)?Spec|podTemplate|virtualMachine|runtimeEnv(?:YAML)?)$/i
/** What is run: words of a command, a script, a program by where it lies. */
const PROGRAM =
  /(?:^cmd|commands?|args|arguments|entry_?point|scripts?|source_?code|inlineCode|playbook|jars?|jar_?(?:file|ur[il])|py(?:thon)?_?files?|^main_?(?:class|module|file|application_?file))$/i
/** Variables can make any program load another one; as one word it is the name of a stage. */
const VARIABLES = /^(?:extra|additional)?env(?:Vars?|ironment(?:Variables)?)?$/i
/** A piece of a pod as a text: JSON or YAML. */
const WRITTEN_OUT = /^pod(?:Template)?(?:Spec)?(?:Patch|Spec|Template|Overrides?)$/i

export function isAccountName(field: string): boolean {
  return ACCOUNT.test(field)
}

export function isSecretName(field: string): boolean {
  return SECRET.test(field)
}

export const NO_TARGETS: ReadonlySet<string> = new Set()
/** By which a kind says where its operator is to write what it made itself, and reads nothing. */
const TARGETS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['certificates.cert-manager.io', new Set(['secretName'])],
])

export function targetsOf({ apiGroup, resource }: Pick<RequestInfo, 'apiGroup' | 'resource'>): ReadonlySet<string> {
  return TARGETS.get(`${resource}.${apiGroup}`) ?? NO_TARGETS
}

/** Of a ConfigMap, whose keys are named in the same way. */
const OF_CONFIG = /config_?map/i

/** By these a kind names services, gateways and the like, which hold nothing: `parentRefs`, `storeRef`, `service`. */
const OF_OTHERS = /(?:ref|parent|backend|issuer|service|target|gateway|class)s?$/i
/** But for references to what somebody logs in with: `passwordRef`. */
const OF_LOGINS = /cred|passw|auth|token|cert|key|tls|login|user|secret/i
const PARTS: ReadonlySet<string> = new Set(['name', 'key', 'namespace', 'optional'])

/**
 * What a patch leaves of the same: `{name}` or `{key}` alone leads a reference that is there to another Secret. So does any object of nothing
 * else, for what it is a part of is not in the patch.
 */
export function isPartOfReference(field: string, value: unknown): boolean {
  if (field === 'metadata' || OF_CONFIG.test(field)) return false
  if (OF_OTHERS.test(field) && !OF_LOGINS.test(field)) return false
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const members = Object.entries(value)
  const named = members.filter(([name, text]) => (name === 'name' || name === 'key') && typeof text === 'string')
  return named.length > 0 && members.every(([name]) => PARTS.has(name))
}

/** `{kind: Secret, name}` and a key of one, `{name, key}`, whatever the field is called: `valuesFrom`, `credentials`, `password`. */
export function isSecretReference(field: string, value: unknown): boolean {
  if (field === 'kind') return value === 'Secret'
  if (typeof value !== 'object' || value === null || OF_CONFIG.test(field)) return false
  return ['name', 'key'].every(member => {
    const text: unknown = Object.hasOwn(value, member) ? Reflect.get(value, member) : null
    return typeof text === 'string' && text !== ''
  })
}

export function isImageName(field: string): boolean {
  return IMAGE.test(field)
}

/** Whether the field tells that something runs, by whatever the kind is called. */
export function tellsOfPods(field: string, value: unknown): boolean {
  if (VARIABLES.test(field)) return elementsOf(value).length > 0
  return (RUNS.test(field) || isImageName(field) || isProgram(field)) && typeof value !== 'boolean' && value !== ''
}

/** `entrypoint`, `driverArgs`, `jarURI`, `mainApplicationFile`. */
function isProgram(field: string): boolean {
  return PROGRAM.test(field)
}

export function isPodInText(field: string, value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && WRITTEN_OUT.test(field)
}
