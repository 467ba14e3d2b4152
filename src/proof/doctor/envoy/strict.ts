import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const OIDS = {
  subjectKey: '2.5.29.14',
  usage: '2.5.29.15',
  constraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
} as const

const BLOCKS = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * Why a client that checks strictly does not accept what others do (OpenSSL's X509_V_FLAG_X509_STRICT, which Python sets from 3.13 on):
 * what RFC 5280 wants and the certificate, or the CA that signed it, does not have. Nothing for what cannot be read.
 */
export function strictProblems(leaf: Uint8Array, ca: string | null): readonly string[] {
  try {
    const shown = new X509Certificate(leaf)
    const signers = (ca?.match(BLOCKS) ?? []).map(pem => new X509Certificate(pem)).filter(one => shown.checkIssued(one))
    return [...ofLeaf(shown), ...new Set(signers.flatMap(ofSigner))]
  } catch {
    return []
  }
}

function ofLeaf(shown: X509Certificate): readonly string[] {
  return shown.checkIssued(shown) || read(shown).getExtension(OIDS.authorityKey) !== null
    ? []
    : ['it has no authority key identifier']
}

function ofSigner(signer: X509Certificate): readonly string[] {
  const ca = read(signer)
  return [
    ...(ca.getExtension(OIDS.subjectKey) === null ? ['its CA has no subject key identifier'] : []),
    ...(ca.getExtension(OIDS.usage) === null ? ['its CA has no key usage'] : []),
    ...(ca.getExtension(OIDS.constraints)?.critical === true ? [] : ["its CA's basic constraints are not critical"]),
  ]
}

function read({ raw }: X509Certificate): x509.X509Certificate {
  return new x509.X509Certificate(raw)
}
