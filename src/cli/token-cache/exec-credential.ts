import type { Environment } from '../../config/read-config.ts'
import type { ClientCertificate } from '../../support/net/http-call.ts'
import type { KeptToken } from './kept-token.ts'

const GROUP = 'client.authentication.k8s.io'

export const EXEC_APIS = ['v1', 'v1beta1'] as const
/** Of the protocol between clients and what fetches their credentials; some libraries know only the older one. */
export type ExecApi = (typeof EXEC_APIS)[number]

/** How clients say what they ask for. */
export const EXEC_INFO = 'KUBERNETES_EXEC_INFO'

export function execApiVersion(api: ExecApi): string {
  return `${GROUP}/${api}`
}

/** As kubectl and client-go read it: in one answer, so that whoever connects has the certificate that the token is bound to. */
export function execCredential(
  { token, expirationTimestamp }: Pick<KeptToken, 'token' | 'expirationTimestamp'>,
  certificate: ClientCertificate | null,
  env: Environment,
): string {
  const shown = certificate === null ? {} : { clientCertificateData: certificate.cert, clientKeyData: certificate.key }
  const status = { token, expirationTimestamp, ...shown }
  return `${JSON.stringify({ apiVersion: execApiVersion(askedFor(env)), kind: 'ExecCredential', status })}\n`
}

/** client-go takes no other than what it asked for. */
function askedFor(env: Environment): ExecApi {
  try {
    const { apiVersion } = JSON.parse(env[EXEC_INFO] ?? '') as { readonly apiVersion?: unknown }
    return EXEC_APIS.find(api => apiVersion === execApiVersion(api)) ?? 'v1'
  } catch {
    return 'v1'
  }
}
