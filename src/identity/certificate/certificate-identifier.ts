import type { Holder } from '../../lease/lease.ts'
import type { CertificateAuthority, Policy } from '../../policy/policy.ts'
import { ONE_LINE } from '../../support/text/one-line.ts'
import type { Clock } from '../../support/time/clock.ts'
import type { VerifiedIdentity } from '../caller.ts'
import { trustDomainOf } from '../claims/spiffe-id.ts'
import { bundleFiles } from './bundle-files.ts'
import { blocksOf, type Certificate } from './certificate.ts'
import { certificateReader } from './certificate-reader.ts'
import { thumbprint } from './thumbprint.ts'
import { LONGEST_CHAIN, problemOfChain, TOO_LONG } from './verify-chain.ts'

/** Whose the client certificate of a connection is. Rejects never. */
export interface CertificateIdentifier {
  /** PEM of what the client showed, its own first; the connection proved that it has the key. */
  identify(chain: string): Promise<Shown>
}

export type Shown =
  | { readonly kind: 'holder'; readonly holder: Holder; readonly identity: VerifiedIdentity }
  /** `detail` completes a sentence for whoever showed it. */
  | { readonly kind: 'refused'; readonly reason: 'bad-certificate' | 'unavailable'; readonly detail: string }

interface Options {
  readonly policy: () => Policy
  readonly clock: Clock
  /** A file of roots cannot be read, so that what it held before stays, or holds none. */
  readonly onProblem: (authority: string, problem: string) => void
}

/** Ends up in leases. */
const LONGEST_NAME = 1024

const UNREADABLE = 'it cannot be read'
const NO_AUTHORITY = 'the policy file names no authority (certificateAuthorities) of such ones'

/**
 * Certificates of the authorities in the policy file. What two of them vouch for is of neither. Reading costs, and anybody may show anything:
 * so nothing is read before it counts, and the leaf before what stands above it.
 */
export function certificateIdentifier({ policy, clock, onProblem }: Options): CertificateIdentifier {
  const rootsOf = bundleFiles(onProblem)
  const readOne = certificateReader()
  return {
    identify: async pem => {
      const { certificateAuthorities: all = [] } = policy()
      if (all.length === 0) return bad(NO_AUTHORITY)
      const [first, ...between] = blocksOf(pem)
      if (between.length >= LONGEST_CHAIN) return bad(TOO_LONG)
      const leaf = first === undefined ? null : readOne(first)
      if (leaf === null) return bad(UNREADABLE)
      const fitting = all.filter(one => one.trustDomain === undefined || one.trustDomain === domainOf(leaf))
      if (fitting.length === 0) return bad(NO_AUTHORITY)
      const above = between.map(readOne).filter(one => one !== null)
      if (above.length < between.length) return bad(UNREADABLE)
      const chain = [leaf, ...above]
      return judge(
        leaf,
        await Promise.all(fitting.map(async each => lookAt(chain, each, await rootsOf(each), clock()))),
      )
    },
  }
}

/** Where the roots of one cannot be had, nobody knows whether it vouches as well. */
function judge(leaf: Certificate, looks: readonly Look[]): Shown {
  const [found, ...others] = looks.filter(({ problem }) => problem === null)
  if (others.length > 0) return bad('more than one authority of the policy file vouches for it')
  const unknown = looks.find(({ isKnown }) => !isKnown)
  if (unknown !== undefined)
    return { kind: 'refused', reason: 'unavailable', detail: `the roots of ${unknown.authority.name} cannot be had` }
  return found === undefined ? bad(looks[0]?.problem ?? '') : toHolder(leaf, found.authority)
}

interface Look {
  readonly authority: CertificateAuthority
  readonly isKnown: boolean
  /** Null: it vouches for the chain. */
  readonly problem: string | null
}

function lookAt(
  chain: readonly Certificate[],
  authority: CertificateAuthority,
  roots: readonly Certificate[] | null,
  now: number,
): Look {
  if (roots === null) return { authority, isKnown: false, problem: 'its roots cannot be had' }
  try {
    return { authority, isKnown: true, problem: problemOfChain(chain, roots, now) }
  } catch {
    // Of a key or signature of a kind that OpenSSL has no use for.
    return { authority, isKnown: true, problem: 'it cannot be checked' }
  }
}

/** Exactly one URI, as an X.509-SVID has it: with several nobody knows which one is meant. */
function domainOf({ names: { uri } }: Certificate): string | null {
  return uri.length === 1 ? trustDomainOf(uri[0]) : null
}

function toHolder(leaf: Certificate, { name: authority, trustDomain, boundTo }: CertificateAuthority): Shown {
  const name = trustDomain === undefined ? allNamesOf(leaf) : (leaf.names.uri[0] ?? '')
  const print = thumbprint(leaf.openssl.toString())
  const isName = name !== '' && name.length <= LONGEST_NAME && ONE_LINE.test(name)
  if (!isName || print === null) return bad('it has no name that can be written down')
  const claims = trustDomain === undefined ? claimsOf(leaf) : { sub: name }
  return {
    kind: 'holder',
    holder: { authority, name, thumbprint: print, boundTo },
    identity: { issuer: authority, subject: name, claims, expiresAt: leaf.openssl.validToDate.getTime() },
  }
}

/** Where there is one of a kind it is a text, where there are several a list, as in tokens. */
function claimsOf({ subject, names }: Certificate): VerifiedIdentity['claims'] {
  return { subject: oneOrAll(subject), san: oneOrAll(names) }
}

function oneOrAll(of: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, unknown>> {
  const said = Object.entries(of).filter(([, values]) => values.length > 0)
  return Object.fromEntries(said.map(([kind, values]) => [kind, values.length === 1 ? values[0] : values]))
}

/** All that it is called, so that only what its authority renewed is the same. */
function allNamesOf({ openssl: { subject = '', subjectAltName = '' } }: Certificate): string {
  return [subject.replaceAll('\n', ', '), subjectAltName].filter(text => text !== '').join('; ')
}

function bad(detail: string): Shown {
  return { kind: 'refused', reason: 'bad-certificate', detail }
}
