import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { checkServerIdentity, connect } from 'node:tls'

export interface ApiServer {
  readonly server: string
  readonly host: string
  readonly port: number
  /** Name or address in its certificate. */
  readonly certificateName: string
  /** PEM; null: whom this machine trusts. */
  readonly ca: string | null
}

type Read = { readonly kind: 'ok'; readonly apiServer: ApiServer } | { readonly kind: 'refused'; readonly why: string }

const SERVER = /^https:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/
const REACHED_WITHIN_MS = 10_000
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** The `cluster` of a kubeconfig as Envoy can reach it. `why` completes a sentence that begins with the context. */
export function toApiServer(cluster: Readonly<Record<string, unknown>>): Read {
  const text = (name: string) => (typeof cluster[name] === 'string' ? cluster[name] : '')
  const server = text('server')
  if (server === '') return refused('names no server')
  if (text('proxy-url') !== '')
    return refused('goes through a proxy (proxy-url): Envoy needs a direct way to the API server')
  if (cluster['insecure-skip-tls-verify'] === true) {
    return refused('does not check the server (insecure-skip-tls-verify): Envoy needs its CA in certificate-authority')
  }
  if (server.startsWith('http://'))
    return refused(`uses ${server}, without TLS: a credential would be sent in the open`)
  const [, name = '', port = '443'] = SERVER.exec(server) ?? []
  if (name === '') {
    return refused(
      `uses ${server}: only https://HOST:PORT can be used, a path behind it (as gateways to many clusters have) cannot`,
    )
  }
  const host = name.replace(/^\[|\]$/g, '')
  const ca = text('certificate-authority-data')
  return {
    kind: 'ok',
    apiServer: {
      server,
      host,
      port: Number(port),
      certificateName: text('tls-server-name') || host,
      ca: ca === '' ? null : Buffer.from(ca, 'base64').toString('utf8'),
    },
  }
}

function refused(why: string): Read {
  return { kind: 'refused', why }
}

/** PEM of the CA that Envoy is to trust. */
export async function trustedCa({ ca, server }: ApiServer): Promise<string> {
  if (ca !== null) return ca
  const named = process.env['SSL_CERT_FILE']
  const file = [...(named === undefined ? [] : [named]), ...SYSTEM_BUNDLES].find(existsSync)
  if (file !== undefined) return readFile(file, 'utf8')
  throw new Error(
    `the kubeconfig has no certificate-authority for ${server}, and this machine has no file of trusted CAs`,
  )
}

/** Opens TLS as Envoy will, past every proxy that kubectl may know of. Throws a sentence for people. */
export async function assertReachable(apiServer: ApiServer): Promise<void> {
  const { host, port, certificateName, server } = apiServer
  const ca = await trustedCa(apiServer)
  const settled = Promise.withResolvers<void>()
  const socket = connect({
    host,
    port,
    ca,
    allowPartialTrustChain: true,
    servername: isIP(certificateName) === 0 ? certificateName : '',
    checkServerIdentity: (_, certificate) => checkServerIdentity(certificateName, certificate),
  })
  socket.setTimeout(REACHED_WITHIN_MS, () =>
    socket.destroy(new Error(`no answer within ${REACHED_WITHIN_MS / 1000} s`)),
  )
  socket.once('secureConnect', () => settled.resolve())
  socket.once('error', error => settled.reject(new Error(`no TLS connection to ${server}: ${error.message}`)))
  await settled.promise.finally(() => socket.destroy())
}
