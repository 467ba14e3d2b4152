import { ok, type Parsed, problem } from '../../support/text/parsed.ts'
import { type Certificate, readCertificate, readCertificates } from './certificate.ts'

const MOST_ROOTS = 100

/** The roots in a file: PEM, or the bundle of a SPIFFE trust domain (SPIFFE_Trust_Domain_and_Bundle, 4), of which keys for tokens are no part. Whoever empties it trusts none. */
export function parseTrustBundle(text: string): Parsed<readonly Certificate[]> {
  try {
    const roots = /^\s*\{/.test(text) ? ofBundle(JSON.parse(text)) : readCertificates(text)
    if (roots.length === 0 && text.includes('BEGIN CERTIFICATE'))
      return problem('it holds what cannot be read as certificates')
    if (roots.length > MOST_ROOTS) return problem(`it holds more than ${MOST_ROOTS} certificates`)
    return roots.every(({ isAuthority, mayVouch }) => isAuthority && mayVouch)
      ? ok(roots)
      : problem('it holds a certificate that is no authority')
  } catch {
    return problem('it holds what cannot be read as certificates')
  }
}

interface Entry {
  readonly use?: unknown
  readonly x5c?: readonly string[]
}

function ofBundle({ keys }: { readonly keys: readonly Entry[] }): readonly Certificate[] {
  return keys
    .filter(({ use }) => use === 'x509-svid')
    .map(({ x5c: [der = ''] = [] }) => readCertificate(Buffer.from(der, 'base64')))
}
