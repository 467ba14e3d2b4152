import { X509Certificate } from 'node:crypto'
import type { Finding } from '../../../findings/report.ts'
import type { Examination } from '../examined.ts'
import { type Held, toSerial } from './held-certificates.ts'
import { type Look, lookAt } from './look-at.ts'
import { strictProblems } from './strict.ts'

/** A file of CAs. */
export interface Authority {
  readonly name: string
  /** PEM, null: the system's CAs. */
  readonly ca: string | null
  /** Where the CA is set. */
  readonly caSetting: string
}

/** A server whose certificate is looked at. */
export interface Served extends Authority {
  /** `https://host:port`. */
  readonly url: string
}

/** What there is to look at; held: what Envoy has loaded. */
export interface Certificates {
  readonly served: readonly Served[]
  readonly authorities: readonly Authority[]
  readonly held: readonly Held[]
}

const SOON_DAYS = 14
const DAY_MS = 86_400_000

/** Certificates as they are served now, those that Envoy holds, and the CAs that they are checked with. */
export async function examineCertificates(given: Certificates, now: number): Promise<Examination> {
  const { served, authorities, held } = given
  const looks = await Promise.all(served.map(async each => ({ each, look: await lookAt(each.url, each.ca) })))
  const known = new Set(looks.flatMap(({ look }) => (look.kind === 'seen' ? [toSerial(look.serial)] : [])))
  const hidden = held.filter(({ serial }) => !known.has(serial))
  return {
    tried: [
      ...served.map(({ name, url }) => `a TLS handshake with the ${name} at ${url}`),
      ...(held.length === 0 ? [] : [`${held.length} certificates that Envoy has loaded`]),
      ...authorities.map(({ caSetting }) => caSetting),
    ],
    seen: [
      ...looks.flatMap(({ each, look }) =>
        look.kind === 'seen' ? [`${each.name}: good until ${day(look.until)}`] : [],
      ),
      ...hidden.map(({ name, until }) => `${name}: good until ${day(until)}`),
    ],
    findings: [
      ...looks.flatMap(({ each, look }) => judge(each, look, now)),
      ...hidden.flatMap(({ name, until }) => ends(`certificate ${name}, which Envoy has loaded,`, until, now)),
      ...[...served, ...authorities].flatMap(each => judgeCa(each, now)),
    ],
  }
}

function judge({ name, url, ca, caSetting }: Served, look: Look, now: number): readonly Finding[] {
  if (look.kind === 'unreachable') {
    return [
      {
        severity: 'error',
        what: `the ${name} at ${url} cannot be reached: ${look.why}`,
        why: 'Nobody can use it.',
        mend: 'See that Envoy runs and listens there.',
      },
    ]
  }
  const findings = ends(`certificate of the ${name}`, look.until, now)
  if (look.until.getTime() <= now) return findings
  if (look.problem === null) return [...findings, ...judgeStrictly(name, strictProblems(look.certificate, ca))]
  return [
    ...findings,
    {
      severity: 'error',
      what: `the certificate of the ${name} at ${url} is not accepted: ${look.problem}`,
      why: 'Clients that check it cannot connect; those that do not, speak to anybody.',
      mend: `Let ${caSetting} be the CA that signed it, and the certificate name the host in the URL.`,
    },
  ]
}

function judgeStrictly(name: string, problems: readonly string[]): readonly Finding[] {
  if (problems.length === 0) return []
  return [
    {
      severity: 'warning',
      what: `the certificate of the ${name} is refused by clients that check strictly: ${problems.join(', ')}`,
      why: 'Python does so from 3.13 on: no agent that is written in it can connect.',
      mend: 'Have it, or its CA, made again with what RFC 5280 wants; leasegate setup and cert-manager do so by themselves.',
    },
  ]
}

function ends(what: string, until: Date, now: number): readonly Finding[] {
  const left = until.getTime() - now
  if (left >= SOON_DAYS * DAY_MS) return []
  const over = left <= 0
  return [
    {
      severity: over ? 'error' : 'warning',
      what: `the ${what} ${over ? 'has ended' : 'ends'} on ${day(until)}`,
      why: over ? 'Whoever checks it does not connect.' : 'Whoever checks it cannot connect from then on.',
      mend: 'Replace it where it is kept. Envoy takes up new files by itself; clients are given a new CA beforehand.',
    },
  ]
}

/** While a CA is replaced both are in the file, and the old one may end. */
function judgeCa({ name, ca, caSetting }: Authority, now: number): readonly Finding[] {
  if (ca === null) return []
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const last = Math.max(...blocks.map(untilOf))
  if (Number.isFinite(last)) return ends(`CA of the ${name} (${caSetting})`, new Date(last), now)
  return [
    {
      severity: 'error',
      what: `${caSetting} has no certificate in it`,
      why: `The ${name} cannot be checked.`,
      mend: `Let ${caSetting} be a PEM file.`,
    },
  ]
}

/** NaN for what only looks like a certificate. */
function untilOf(block: string): number {
  try {
    return new X509Certificate(block).validToDate.getTime()
  } catch {
    return Number.NaN
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
