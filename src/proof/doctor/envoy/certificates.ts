import { X509Certificate } from 'node:crypto'
import { connect, type PeerCertificate } from 'node:tls'
import type { Finding } from '../../report.ts'
import type { Examination } from '../examined.ts'

/** A server whose certificate is looked at. */
export interface Served {
  readonly name: string
  /** `https://host:port`. */
  readonly url: string
  /** PEM, null: the system's CAs. */
  readonly ca: string | null
  /** Where the CA is set. */
  readonly caSetting: string
}

const SOON_DAYS = 14
const DAY_MS = 86_400_000
const WITHIN_MS = 5000

/** Certificates as they are served now, and the CAs that they are checked with. */
export async function examineCertificates(served: readonly Served[], now: number): Promise<Examination> {
  const looks = await Promise.all(served.map(async each => ({ each, look: await lookAt(each) })))
  return {
    tried: served.map(({ name, url }) => `a TLS handshake with the ${name} at ${url}`),
    seen: looks.flatMap(({ each, look }) =>
      look.kind === 'seen' ? [`${each.name}: good until ${day(look.until)}`] : [],
    ),
    findings: [
      ...looks.flatMap(({ each, look }) => judge(each, look, now)),
      ...served.flatMap(each => judgeCa(each, now)),
    ],
  }
}

type Look =
  | { readonly kind: 'seen'; readonly until: Date; readonly problem: string | null }
  | { readonly kind: 'unreachable'; readonly why: string }

function lookAt({ url, ca }: Served): Promise<Look> {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise(resolve => {
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      servername: /^[\d.:]+$/.test(host) ? '' : host,
      timeout: WITHIN_MS,
      // Looked at in any case: what is wrong with it is the question.
      rejectUnauthorized: false,
      ...(ca === null ? {} : { ca }),
    })
    const end = (look: Look) => {
      socket.destroy()
      resolve(look)
    }
    socket.once('secureConnect', () => end(toLook(socket.getPeerCertificate(), socket.authorizationError)))
    socket.once('timeout', () => end({ kind: 'unreachable', why: 'no answer in time' }))
    socket.once('error', error => end({ kind: 'unreachable', why: error.message }))
  })
}

function toLook({ valid_to }: PeerCertificate, problem: Error | string | null): Look {
  const code = problem === null || typeof problem === 'string' ? problem : problem.message
  return { kind: 'seen', until: new Date(valid_to), problem: code || null }
}

function judge({ name, url, caSetting }: Served, look: Look, now: number): readonly Finding[] {
  if (look.kind === 'unreachable') {
    const mend = 'See that Envoy runs and listens there.'
    return [
      {
        severity: 'error',
        what: `the ${name} at ${url} cannot be reached: ${look.why}`,
        why: 'Nobody can use it.',
        mend,
      },
    ]
  }
  const left = look.until.getTime() - now
  if (left <= 0) return [ends(name, look.until, 'error', 'has ended')]
  const soon = left < SOON_DAYS * DAY_MS ? [ends(name, look.until, 'warning', 'ends')] : []
  if (look.problem === null) return soon
  return [
    ...soon,
    {
      severity: 'error',
      what: `the certificate of the ${name} at ${url} is not accepted: ${look.problem}`,
      why: 'Clients that check it cannot connect; those that do not, speak to anybody.',
      mend: `Let ${caSetting} be the CA that signed it, and the certificate name the host in the URL.`,
    },
  ]
}

function ends(name: string, until: Date, severity: 'error' | 'warning', how: string): Finding {
  return {
    severity,
    what: `the certificate of the ${name} ${how} on ${day(until)}`,
    why: 'Clients cannot connect from then on.',
    mend: 'Replace its files: Envoy takes up new ones by itself.',
  }
}

function judgeCa({ name, ca, caSetting }: Served, now: number): readonly Finding[] {
  if (ca === null) return []
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const first = blocks[0]
  if (first === undefined) {
    return [
      {
        severity: 'error',
        what: `${caSetting} has no certificate in it`,
        why: `The ${name} cannot be checked.`,
        mend: `Let ${caSetting} be a PEM file.`,
      },
    ]
  }
  const { validToDate } = new X509Certificate(first)
  return validToDate.getTime() - now < SOON_DAYS * DAY_MS
    ? [ends(`CA of the ${name}`, validToDate, 'warning', 'ends')]
    : []
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
