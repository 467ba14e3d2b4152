import { connect, type PeerCertificate } from 'node:tls'

/** The certificate that a server shows; problem: why it is not accepted. */
export type Look =
  | {
      readonly kind: 'seen'
      readonly until: Date
      readonly serial: string
      readonly problem: string | null
      /** DER. */
      readonly certificate: Uint8Array
    }
  | { readonly kind: 'unreachable'; readonly why: string }

const WITHIN_MS = 5000

/** One TLS handshake; `ca` is PEM, null: the system's CAs. */
export function lookAt(url: string, ca: string | null): Promise<Look> {
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

function toLook({ valid_to, serialNumber, raw }: PeerCertificate, problem: Error | string | null): Look {
  const code = problem === null || typeof problem === 'string' ? problem : problem.message
  return { kind: 'seen', until: new Date(valid_to), serial: serialNumber, problem: code || null, certificate: raw }
}
