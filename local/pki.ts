import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

export interface CertificateFiles {
  readonly certificateFile: string
  readonly keyFile: string
}

interface Wanted {
  /** Base name of the files. */
  readonly name: string
  /** Distinguished name, for example `CN=admin, O=system:masters`. */
  readonly subject: string
  /** Names and addresses; none for a client. */
  readonly servedAs?: readonly string[]
}

export interface Authority {
  readonly caFile: string
  /** A certificate for a server or a client, valid for some days. */
  readonly issue: (wanted: Wanted) => Promise<CertificateFiles>
}

/** A certificate authority for one machine, in files of its owner alone. */
export async function createAuthority(directory: string): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await generateKeys()
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=leasegate local edition',
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const caFile = join(directory, 'ca.pem')
  await writeFile(caFile, ca.toString('pem'))
  return { caFile, issue: wanted => issue(directory, { ca, keys }, wanted) }
}

interface Signer {
  readonly ca: x509.X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
}

async function issue(
  directory: string,
  signer: Signer,
  { name, subject, servedAs = [] }: Wanted,
): Promise<CertificateFiles> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: signer.ca.subject,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // Python 3.13 and others that check strictly want both.
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer.ca.publicKey),
      new x509.ExtendedKeyUsageExtension([
        servedAs.length === 0 ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
      ]),
      ...(servedAs.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(servedAs.map(toName))]),
    ],
  })
  const files = { certificateFile: join(directory, `${name}.pem`), keyFile: join(directory, `${name}.key`) }
  await writeFile(files.certificateFile, certificate.toString('pem'))
  await writeFile(files.keyFile, await toPem(keys.privateKey), { mode: 0o600 })
  return files
}

function toName(name: string): x509.JsonGeneralName {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
}

async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key)
  return x509.PemConverter.encode(der, 'PRIVATE KEY')
}

/** From a little in the past: clocks of a machine's processes agree, those of a container and its host may not quite. */
function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + 30 * DAY_MS) }
}
