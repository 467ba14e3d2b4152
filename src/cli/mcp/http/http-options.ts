import type { Command } from 'commander'
import { HeldCertificate } from '../../../certificates/held-certificate.ts'
import { anyAddress } from '../../../config/parsers.ts'
import { parseDuration } from '../../../policy/file/values/duration.ts'
import { isNear, type ListenAddress } from '../../../support/net/listen.ts'
import { unfitServerUrl } from '../../../support/net/server-url.ts'
import { CliError } from '../../command/cli-error.ts'

export interface HttpOptions {
  readonly http?: true
  readonly listen?: string
  readonly resource?: string
  readonly issuer?: readonly string[]
  readonly audience?: string
  readonly scope?: readonly string[]
  readonly idle?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
}

/** What is served, and to whom. */
export interface HttpServing {
  readonly address: ListenAddress & { readonly kind: 'tcp' }
  /** This server, as clients reach it: what they ask tokens for (RFC 8707). */
  readonly resource: URL
  /** Those who give out the tokens, for clients to find them (RFC 9728). */
  readonly issuers: readonly string[]
  /** What must be in `aud`. */
  readonly audience: string
  readonly scopes: readonly string[]
  readonly idleMs: number
  /** Null: plain HTTP, on loopback. */
  readonly certificate: HeldCertificate | null
}

const LISTEN = '127.0.0.1:8765'
const IDLE = '30m'

export function httpOptions(command: Command): Command {
  return command
    .option('--http', 'serve streamable HTTP instead; whoever calls brings a token of their own (OAuth)')
    .option('--listen <address>', `where to listen (default: ${LISTEN}; anything but loopback wants a certificate)`)
    .option('--resource <url>', 'this server, as its clients reach it (default: /mcp where it listens)')
    .option('--issuer <url...>', 'who gives out the tokens: issuers of the policy')
    .option('--audience <text>', 'what the aud of the tokens is, as in the policy (default: the resource)')
    .option('--scope <name...>', 'scopes that clients should ask for')
    .option('--idle <duration>', `leases end when nothing was heard for so long (default: ${IDLE})`)
    .option('--tls-cert <file>', 'certificate of this server, PEM; looked at again every few seconds')
    .option('--tls-key <file>', 'its key, PEM')
}

/** Throws a CliError that names the option. */
export async function readHttpOptions(options: HttpOptions): Promise<HttpServing> {
  const { listen = LISTEN, issuer: issuers = [], scope: scopes = [], idle = IDLE } = options
  const address = tcp(listen)
  const certificate = await certificateOf(options)
  if (certificate === null && !isNear(address))
    throw new CliError('usage', '--listen is for everybody: give --tls-cert and --tls-key, or listen on 127.0.0.1')
  const resource = resourceOf(options.resource ?? `${certificate === null ? 'http' : 'https'}://${listen}/mcp`)
  if (issuers.length === 0)
    throw new CliError('usage', '--issuer is wanted with --http: who gives out the tokens, as in the policy')
  for (const one of issuers) mustBeServer('--issuer', one)
  const wrong = scopes.find(scope => !/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(scope))
  if (wrong !== undefined) throw new CliError('usage', '--scope is one name, without spaces and quotes')
  const idleMs = parseDuration(idle)
  if (idleMs === null) throw new CliError('usage', '--idle is a duration such as 30m')
  const audience = options.audience ?? resource.href
  return { address, resource, issuers, audience, scopes, idleMs, certificate }
}

function tcp(listen: string): HttpServing['address'] {
  const parsed = anyAddress(listen)
  if (parsed.kind === 'ok' && parsed.value.kind === 'tcp') return parsed.value
  throw new CliError('usage', '--listen is an address with a port, such as 127.0.0.1:8765')
}

function resourceOf(text: string): URL {
  mustBeServer('--resource', text)
  const url = new URL(text)
  if (url.hash === '' && url.search === '' && url.pathname !== '/') return url
  throw new CliError('usage', '--resource has a path and nothing after it, such as https://mcp.example.com/mcp')
}

function mustBeServer(option: string, url: string): void {
  const unfit = unfitServerUrl(url)
  if (unfit !== null) throw new CliError('usage', `${option} must ${unfit}`)
}

async function certificateOf({ tlsCert, tlsKey }: HttpOptions): Promise<HeldCertificate | null> {
  if (tlsCert === undefined && tlsKey === undefined) return null
  if (tlsCert === undefined || tlsKey === undefined) throw new CliError('usage', '--tls-cert and --tls-key go together')
  // Nobody shows a certificate here, so the authority of those who do is not looked at.
  const files = { certFile: tlsCert, keyFile: tlsKey, clientCaFile: tlsCert }
  const onProblem = (message: string) => void process.stderr.write(`leasegate: ${message}\n`)
  return HeldCertificate.open({ files, onProblem }).catch((error: Error) => {
    throw new CliError('usage', error.message)
  })
}
