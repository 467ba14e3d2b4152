import { hash } from 'node:crypto'

const PEM = /^-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/

/** `x5t#S256` of the one certificate in a PEM (RFC 8705, 3.1): of its bytes as they are, which need not be readable. Null for anything else. */
export function thumbprint(pem: string): string | null {
  const [, base64 = ''] = PEM.exec(pem) ?? []
  const der = Buffer.from(base64, 'base64')
  return der.length === 0 ? null : hash('sha256', der, 'base64url')
}
