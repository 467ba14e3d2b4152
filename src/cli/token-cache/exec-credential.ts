import type { ClientCertificate } from '../../support/net/http-call.ts'
import type { KeptToken } from './kept-token.ts'

/** As kubectl and client-go read it: in one answer, so that whoever connects has the certificate that the token is bound to. */
export function execCredential(
  { token, expirationTimestamp }: Pick<KeptToken, 'token' | 'expirationTimestamp'>,
  certificate: ClientCertificate | null,
): string {
  const shown = certificate === null ? {} : { clientCertificateData: certificate.cert, clientKeyData: certificate.key }
  const status = { token, expirationTimestamp, ...shown }
  const apiVersion = 'client.authentication.k8s.io/v1'
  return `${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\n`
}
