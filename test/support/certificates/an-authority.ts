import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const HOUR_MS = 3_600_000

/** PEM: the leaf and what stands between it and the root, and the key. */
export interface ClientCertificate {
  readonly cert: string
  readonly key: string
}

export interface Wanted {
  readonly subject?: string
  readonly names?: readonly x509.JsonGeneralName[]
  /** Milliseconds from now. */
  readonly from?: number
  readonly until?: number
  readonly isAuthority?: boolean
  /** How many authorities may stand below this one. */
  readonly pathLength?: number
  readonly usages?: readonly x509.ExtendedKeyUsageType[] | null
  readonly keyUsage?: number | null
  readonly extensions?: readonly x509.Extension[]
  readonly keys?: webcrypto.CryptoKeyPair
}

export interface TestAuthority {
  readonly certificate: x509.X509Certificate
  readonly pem: string
  /** A leaf of it, with the authorities between it and the root behind it. */
  readonly issue: (wanted: Wanted) => Promise<ClientCertificate>
  /** One that it signed. */
  readonly below: (wanted?: Wanted) => Promise<TestAuthority>
}

export const CLIENT = x509.ExtendedKeyUsage.clientAuth
export const SERVER = x509.ExtendedKeyUsage.serverAuth

export function spiffe(id: string): { readonly names: readonly x509.JsonGeneralName[]; readonly subject: string } {
  return { names: [{ type: 'url', value: id }], subject: 'O=SPIRE' }
}

export function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
}

/** An authority as those have them whose certificates agents bring. */
export async function anAuthority(wanted: Wanted = {}): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto)
  const subject = wanted.subject ?? 'CN=agents authority'
  const keys = wanted.keys ?? (await newKeys())
  const certificate = await make({ isAuthority: true, ...wanted, subject }, keys, { subject, keys })
  return authorityOf(certificate, keys, [])
}

function authorityOf(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
  between: readonly x509.X509Certificate[],
): TestAuthority {
  const signer = { subject: certificate.subject, keys, issuer: certificate.publicKey }
  return {
    certificate,
    pem: certificate.toString('pem'),
    issue: async wanted => {
      const own = wanted.keys ?? (await newKeys())
      const leaf = await make({ subject: 'CN=client', ...wanted }, own, signer)
      const cert = [leaf, ...between].map(each => each.toString('pem')).join('\n')
      return { cert, key: await keyPem(own) }
    },
    below: async (wanted = {}) => {
      const own = wanted.keys ?? (await newKeys())
      const lower = await make({ subject: 'CN=below', isAuthority: true, ...wanted }, own, signer)
      return authorityOf(lower, own, [lower, ...between])
    },
  }
}

interface Signer {
  readonly subject: string
  readonly keys: webcrypto.CryptoKeyPair
}

async function make(wanted: Wanted, keys: webcrypto.CryptoKeyPair, signer: Signer): Promise<x509.X509Certificate> {
  const { subject = '', names = [], isAuthority = false, pathLength, usages, keyUsage, extensions = [] } = wanted
  const defaultUsage = isAuthority ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature
  const extended = usages === undefined ? (isAuthority ? null : [CLIENT]) : usages
  return x509.X509CertificateGenerator.create({
    subject,
    issuer: signer.subject,
    notBefore: new Date(Date.now() + (wanted.from ?? -60_000)),
    notAfter: new Date(Date.now() + (wanted.until ?? HOUR_MS)),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, pathLength, true),
      ...(keyUsage === null ? [] : [new x509.KeyUsagesExtension(keyUsage ?? defaultUsage, true)]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer.keys.publicKey),
      ...(extended === null ? [] : [new x509.ExtendedKeyUsageExtension([...extended])]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])]),
      ...extensions,
    ],
  })
}

async function keyPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
}
