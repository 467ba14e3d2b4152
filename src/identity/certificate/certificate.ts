import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** A certificate as far as it says who somebody is. OpenSSL compares and checks, what it does not tell is read beside it. */
export interface Certificate {
  readonly openssl: X509Certificate
  readonly isAuthority: boolean
  /** How many authorities may stand below it; null: any number. */
  readonly pathLength: number | null
  /** What keys of it are for; null where it does not say. */
  readonly extendedUsages: readonly string[] | null
  readonly mayVouch: boolean
  readonly maySign: boolean
  /** What it says and nobody here understands, so that it may mean anything: object ids. */
  readonly unread: readonly string[]
  /** Signed or made in a way that is not believed any more. */
  readonly isWeak: boolean
  readonly names: {
    readonly uri: readonly string[]
    readonly dns: readonly string[]
    readonly email: readonly string[]
  }
  readonly subject: Readonly<Record<string, readonly string[]>>
}

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g
const SHORTEST_RSA = 2048

/** All in a PEM, in its order, none of which is read. */
export function blocksOf(pem: string): readonly string[] {
  return pem.match(BLOCK) ?? []
}

/** All in a PEM, in its order. Throws where one cannot be read. */
export function readCertificates(pem: string): readonly Certificate[] {
  return blocksOf(pem).map(readCertificate)
}

/** Of a PEM, or of its bytes. Throws where it cannot be read. */
export function readCertificate(text: string | Buffer): Certificate {
  const openssl = new X509Certificate(text)
  const read = new x509.X509Certificate(openssl.raw)
  const basic = read.getExtension(x509.BasicConstraintsExtension)
  const usages = read.getExtension(x509.KeyUsagesExtension)?.usages ?? null
  const has = (flag: number) => usages === null || (usages & flag) !== 0
  return {
    openssl,
    isAuthority: basic?.ca === true && openssl.ca,
    pathLength: basic?.pathLength ?? null,
    extendedUsages: read.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String) ?? null,
    mayVouch: has(x509.KeyUsageFlags.keyCertSign),
    maySign: has(x509.KeyUsageFlags.digitalSignature),
    unread: read.extensions.filter(isUnread).map(({ type }) => type),
    isWeak: isWeak(openssl, read),
    names: namesOf(read),
    subject: Object.fromEntries(
      read.subjectName
        .toJSON()
        .flatMap(Object.entries)
        .reduce<Map<string, string[]>>((all, [type, values]) => {
          all.set(type, [...(all.get(type) ?? []), ...(values as string[])])
          return all
        }, new Map()),
    ),
  }
}

/** Basic constraints, usages, names, and policies, which restrict nobody by themselves. */
const READ: ReadonlySet<string> = new Set(['2.5.29.19', '2.5.29.15', '2.5.29.37', '2.5.29.17', '2.5.29.32'])
/** Whoever has them vouches for some names alone, whether or not it says that this has to be understood. */
const NAME_CONSTRAINTS = '2.5.29.30'

function isUnread({ type, critical }: x509.Extension): boolean {
  return type === NAME_CONSTRAINTS || (critical && !READ.has(type))
}

function isWeak({ publicKey }: X509Certificate, { signatureAlgorithm }: x509.X509Certificate): boolean {
  const { hash } = signatureAlgorithm as { readonly hash?: { readonly name?: string } }
  const { modulusLength = SHORTEST_RSA } = publicKey.asymmetricKeyDetails ?? {}
  return modulusLength < SHORTEST_RSA || /^(SHA-?1|MD\d)$/i.test(hash?.name ?? '')
}

function namesOf(read: x509.X509Certificate): Certificate['names'] {
  const all = read.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? []
  const of = (wanted: x509.GeneralNameType) => all.filter(({ type }) => type === wanted).map(({ value }) => value)
  return { uri: of('url'), dns: of('dns'), email: of('email') }
}
