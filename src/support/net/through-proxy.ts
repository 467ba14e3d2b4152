import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

const { request: httpRequest } = process.getBuiltinModule('node:http')
const { request: httpsRequest } = process.getBuiltinModule('node:https')
const { isIP } = process.getBuiltinModule('node:net')

/** The message has no credential in it. */
export class ProxyError extends Error {
  /** As it is, it can be shown to whoever called. */
  readonly isPlain = true
}

/** A connection to the address, through a proxy that the environment names. Rejects with a ProxyError. */
export async function throughProxy(proxy: string, target: URL, signal: AbortSignal): Promise<Socket> {
  const { protocol, hostname, port, username, password, host } = parseProxy(proxy)
  const authority = `${target.hostname}:${target.port === '' ? '443' : target.port}`
  const basic = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')
  const name = hostname.replace(/^\[|\]$/g, '')
  const options = {
    host: name,
    // Of the proxy: Node.js would ask for a certificate of the name in the header Host.
    servername: isIP(name) === 0 ? name : '',
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(username === '' ? {} : { 'proxy-authorization': `Basic ${basic}` }) },
    agent: false,
    signal,
  }
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const request = protocol === 'https:' ? httpsRequest(options) : httpRequest(options)
  const refused = ({ statusCode }: IncomingMessage) =>
    reject(new ProxyError(`the proxy ${host} (HTTPS_PROXY) answers ${statusCode ?? 'nothing'}`))
  request.on('connect', (response: IncomingMessage, socket: Socket) => {
    if (response.statusCode === 200) return resolve(socket)
    socket.destroy()
    refused(response)
  })
  request.on('response', refused)
  request.on('error', cause => reject(new ProxyError(`the proxy ${host} (HTTPS_PROXY) is not reached`, { cause })))
  request.end()
  return promise
}

/** A name or password of the address; one that is not encoded is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function parseProxy(proxy: string): URL {
  const text = proxy.includes('://') ? proxy : `http://${proxy}`
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new ProxyError('HTTPS_PROXY is not the address of a proxy by HTTP')
}
