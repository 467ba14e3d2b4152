import { X509Certificate } from 'node:crypto'
import type { Server, TLSSocket, TlsOptions } from 'node:tls'
import type { HeldCertificate } from './held-certificate.ts'

/** Who may connect over TCP: whoever shows a certificate of this name, signed by the authority of the files. */
export interface Guard {
  readonly held: HeldCertificate
  /** A DNS name among the alternative names of the client's certificate. */
  readonly clientName: string
  readonly onRefused: (why: string) => void
}

/** Options of a server that talks to nobody without a certificate of our authority. */
export function guardedOptions({ held }: Guard, protocol: 'h2' | 'http/1.1'): TlsOptions {
  return { ...held.pem, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3', ALPNProtocols: [protocol] }
}

/** Turns away whoever has another name, before anything of theirs is read, and shows renewed certificates to those who come later. */
export function guardServer(server: Server, { held, clientName, onRefused }: Guard): void {
  server.prependListener('secureConnection', socket => {
    if (hasName(socket, clientName)) return
    onRefused(`a certificate of another name than ${clientName}`)
    socket.destroy()
  })
  server.on('tlsClientError', error => onRefused((error as NodeJS.ErrnoException).code ?? 'TLS failed'))
  held.onChange(pem => server.setSecureContext({ ...pem, minVersion: 'TLSv1.3' }))
}

/** Exactly this name: no pattern, and not the subject, which authorities check less. */
function hasName(socket: TLSSocket, name: string): boolean {
  const { raw } = socket.getPeerCertificate()
  if (!socket.authorized || raw === undefined) return false
  return new X509Certificate(raw).checkHost(name, { subject: 'never', wildcards: false }) !== undefined
}
