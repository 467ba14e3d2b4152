import * as x509 from '@peculiar/x509'
import type { KeyPair, Leaf } from './certificate.ts'

/** By these the parts know each other, whatever the Services are called. */
export const INTERNAL_NAMES = {
  envoy: 'envoy.leasegate.internal',
  authorizer: 'authorizer.leasegate.internal',
  tap: 'tap.leasegate.internal',
  broker: 'broker.leasegate.internal',
} as const

export interface NamedLeaf {
  /** Its Secret is called `NAME-secret-tls`. */
  readonly secret: string
  readonly leaf: Leaf
}

/** One certificate a process, and one that agents see. */
export function leavesOf(hosts: readonly string[], days: number): readonly NamedLeaf[] {
  const internal = Object.entries(INTERNAL_NAMES).map(([component, name]) => ({
    secret: component,
    leaf: {
      commonName: name,
      names: [name],
      usages: [component === 'envoy' ? ('client' as const) : ('server' as const)],
      days,
    },
  }))
  return [{ secret: 'server', leaf: { commonName: 'leasegate', names: hosts, usages: ['server'], days } }, ...internal]
}

/** A third of its life is left for those who have to notice that nobody renews it. */
const RENEW_AT = 1 / 3

/** Whether a certificate is not what would be made today: of other names, of another authority, near its end, or none at all. */
export async function isStale(pem: string, { names }: Leaf, authority: KeyPair, now: number): Promise<boolean> {
  const held = parsed(pem)
  if (held === null) return true
  const issuer = new x509.X509Certificate(authority.certificate)
  const [begins, ends] = [held.notBefore.getTime(), held.notAfter.getTime()]
  if (ends - now < (ends - begins) * RENEW_AT) return true
  if (namesIn(held) !== canonical(names)) return true
  return !(await held.verify({ publicKey: issuer.publicKey, signatureOnly: true }))
}

function parsed(pem: string): x509.X509Certificate | null {
  try {
    return new x509.X509Certificate(pem)
  } catch {
    return null
  }
}

function namesIn(certificate: x509.X509Certificate): string {
  const found = certificate.getExtension(x509.SubjectAlternativeNameExtension)
  return canonical(found?.names.toJSON().map(({ value }) => value) ?? [])
}

/** Addresses are written in more than one way. */
function canonical(names: readonly string[]): string {
  const plain = names.map(name =>
    name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase(),
  )
  return [...new Set(plain)].sort().join()
}
