import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** What a certificate, or the CA that signed it, does not have of what RFC 5280 wants. */
export type Lacking =
  | 'nothing'
  | 'authority key'
  | 'subject key of the CA'
  | 'key usage of the CA'
  | 'critical constraints of the CA'

export interface Made {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

/** A certificate for 127.0.0.1 and its CA, as somebody's own tool makes them. */
export async function lacking(what: Lacking): Promise<Made> {
  const [signing, leaf] = [await keys(), await keys()]
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 60 * 86_400_000) }
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=their CA',
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: signing,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, what !== 'critical constraints of the CA'),
      ...(what === 'key usage of the CA' ? [] : [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true)]),
      ...(what === 'subject key of the CA' ? [] : [await x509.SubjectKeyIdentifierExtension.create(signing.publicKey)]),
    ],
  })
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=boundary',
    issuer: ca.subject,
    ...validity,
    signingAlgorithm: ALGORITHM,
    publicKey: leaf.publicKey,
    signingKey: signing.privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
      await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey),
      ...(what === 'authority key' ? [] : [await x509.AuthorityKeyIdentifierExtension.create(signing.publicKey)]),
    ],
  })
  const der = await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey)
  return {
    ca: ca.toString('pem'),
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(der, 'PRIVATE KEY'),
  }
}

function keys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
}
