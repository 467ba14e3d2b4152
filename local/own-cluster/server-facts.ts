import type { Access } from './kubeconfig.ts'
import { whyOf } from './why.ts'

export type ImpersonationMode = 'constrained' | 'legacy'

/** What the API server says of itself. */
export interface ServerFacts {
  readonly version: string
  readonly impersonation: ImpersonationMode
  /** It has ValidatingAdmissionPolicies, which judge what results of a lease's writes. */
  readonly judges: boolean
  /** How it signs service account tokens. */
  readonly issuer: string
  readonly algorithms: readonly string[]
  readonly jwks: string
}

/** KEP-5284 is on by default from here on. */
const CONSTRAINED_FROM_MINOR = 36
/** admissionregistration.k8s.io/v1 has them from here on. */
const ADMISSION_FROM_MINOR = 30
const GATE = /^kubernetes_feature_enabled\{name="ConstrainedImpersonation",[^}]*\} ([01])$/m

/** Throws a sentence for people when the cluster cannot be reached or does not let this user look. */
export async function readServerFacts({ admin, apiServer, context }: Access): Promise<ServerFacts> {
  const ask = async (path: string) => {
    const { code, stdout, stderr } = await admin(['get', '--raw', path])
    if (code === 0) return stdout
    throw new Error(`the cluster of context ${context} (${apiServer.server}) does not answer: ${whyOf(stderr)}`)
  }
  const version = JSON.parse(await ask('/version')) as Version
  const discovery = JSON.parse(await ask('/.well-known/openid-configuration')) as Discovery
  const metrics = await admin(['get', '--raw', '/metrics'])
  return {
    version: version.gitVersion,
    impersonation: toMode(version, metrics.stdout),
    judges: isSince(version, ADMISSION_FROM_MINOR),
    issuer: discovery.issuer,
    algorithms: discovery.id_token_signing_alg_values_supported,
    jwks: await ask('/openid/v1/jwks'),
  }
}

export interface Version {
  readonly gitVersion: string
  readonly major: string
  /** Some hosted clusters say `36+`. */
  readonly minor: string
}

/** What the server's own metrics say, for whoever may read them; else its version. Legacy works with every server. */
export function toMode(version: Omit<Version, 'gitVersion'>, metrics: string): ImpersonationMode {
  const switchedOff = GATE.exec(metrics)?.[1] === '0'
  return isSince(version, CONSTRAINED_FROM_MINOR) && !switchedOff ? 'constrained' : 'legacy'
}

/** Whether the server is of this minor version or a later one. */
export function isSince({ major, minor }: Omit<Version, 'gitVersion'>, since: number): boolean {
  return Number.parseInt(major, 10) > 1 || Number.parseInt(minor, 10) >= since
}

interface Discovery {
  readonly issuer: string
  readonly id_token_signing_alg_values_supported: readonly string[]
}
