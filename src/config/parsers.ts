import { isAbsolute, resolve } from 'node:path'
import type { ListenAddress } from '../support/net/listen.ts'
import { unfitServerUrl } from '../support/net/server-url.ts'
import { ok, type Parsed, problem } from '../support/text/parsed.ts'
import { Secret } from './secret.ts'

export type Parse<T> = (text: string) => Parsed<T>

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds from `250ms`, `10s`, `5m` or `1h`. */
export function duration({ minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }): Parse<number> {
  return text => {
    const [, digits, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? []
    const ms = Number(digits) * (UNITS[unit ?? ''] ?? Number.NaN)
    if (ms >= minMs && ms <= maxMs) return ok(ms)
    return problem(`must be a duration such as 500ms, 10s or 5m, from ${minMs} ms to ${maxMs} ms`)
  }
}

/** Days from `90d`. */
export function days({ min, max }: { readonly min: number; readonly max: number }): Parse<number> {
  return text => {
    const value = Number(/^(\d{1,5})d$/.exec(text)?.[1])
    return value >= min && value <= max
      ? ok(value)
      : problem(`must be a number of days such as 90d, from ${min}d to ${max}d`)
  }
}

export function integer({ min, max }: { readonly min: number; readonly max: number }): Parse<number> {
  return text => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? ok(value) : problem(`must be a whole number from ${min} to ${max}`)
  }
}

export function oneOf<const T extends string>(...values: readonly T[]): Parse<T> {
  return text => {
    const found = values.find(value => value === text)
    return found === undefined ? problem(`must be one of ${values.join(', ')}`) : ok(found)
  }
}

export function text(value: string): Parsed<string> {
  return value === '' ? problem('must not be empty') : ok(value)
}

/** A name as configuration files have it: no quotes, no spaces. */
export function word(value: string): Parsed<string> {
  return /^[\w.-]{1,100}$/.test(value)
    ? ok(value)
    : problem('must consist of letters, digits, dots, dashes and underscores')
}

/** As S3 names buckets. */
export function bucket(value: string): Parsed<string> {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value)
    ? ok(value)
    : problem('must be the name of a bucket: 3 to 63 small letters, digits, dots and dashes')
}

/** Of keys in a bucket. */
export function keyPrefix(value: string): Parsed<string> {
  return /^([\w.-]{1,100}\/){1,8}$/.test(value) && !/(^|\/)\.{1,2}\//.test(value)
    ? ok(value)
    : problem('must be names that end with a slash each, such as leasegate/production/')
}

/** Absolute, so that it means the same wherever the process was started. */
export function path(value: string): Parsed<string> {
  return isAbsolute(value) ? ok(value) : problem('must be an absolute path')
}

/** For those who sit at a terminal: from where they are. Becomes absolute, since it may end up in a file that is read elsewhere. */
export function pathFromHere(value: string): Parsed<string> {
  return value.trim() === '' ? problem('must be a path') : ok(resolve(value))
}

export function url(...protocols: readonly string[]): Parse<string> {
  return value => {
    if (!startsWith(value, protocols)) return notStarting(protocols)
    return hasLogin(value) ? problem('must have no user or password in it') : ok(value)
  }
}

/** A server that tokens are sent to: over TLS, or without leaving this machine. */
export function serverUrl(value: string): Parsed<string> {
  const unfit = unfitServerUrl(value)
  return unfit === null ? ok(value) : problem(`must ${unfit}`)
}

/** Where browsers find something: a server and nothing after it, as they write it themselves. */
export function origin(value: string): Parsed<string> {
  const parsed = serverUrl(value)
  if (parsed.kind === 'problem' || URL.parse(value)?.origin === value) return parsed
  return problem(
    'must be a URL without a path, such as https://leasegate.example.com or https://leasegate.example.com:8443',
  )
}

/** A URL that may hold a password. */
export function secretUrl(...protocols: readonly string[]): Parse<Secret> {
  return value => (startsWith(value, protocols) ? ok(new Secret(value)) : notStarting(protocols))
}

function startsWith(value: string, protocols: readonly string[]): boolean {
  return protocols.includes(URL.parse(value)?.protocol ?? '')
}

function hasLogin(value: string): boolean {
  const { username = '', password = '' } = URL.parse(value) ?? {}
  return username !== '' || password !== ''
}

function notStarting(protocols: readonly string[]): Parsed<never> {
  return problem(`must be a URL that starts with ${protocols.map(protocol => `${protocol}//`).join(' or ')}`)
}

/** `a.example:26379,[fd00::1]:26379`, a few of them; the port may be left out. */
export function addresses(port: number): Parse<readonly { readonly host: string; readonly port: number }[]> {
  return value => {
    const found = value.split(',').map(one => {
      const [, host = '', given = String(port)] =
        /^\s*(\[[0-9a-f:]+\]|[\w.-]{1,253})(?::([1-9]\d{0,4}))?\s*$/i.exec(one) ?? []
      return { host: host.replace(/^\[|\]$/g, ''), port: Number(given) }
    })
    const isGood = found.length <= 9 && found.every(one => one.host !== '' && one.port <= 65_535)
    return isGood ? ok(found) : problem(`must be one to nine addresses, such as a.example:${port},b.example:${port}`)
  }
}

/** `unix:/run/x.sock`, or a loopback address with a port: nobody but Envoy beside us may connect. */
export function listenAddress(value: string): Parsed<ListenAddress> {
  const socket = /^unix:(\/[^\0]{1,106})$/.exec(value)?.[1]
  if (socket !== undefined) return ok({ kind: 'unix', path: socket })
  const [, host, port] = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost):(\d{1,5})$/.exec(value) ?? []
  if (host === undefined || Number(port) > 65_535) {
    return problem('must be unix:/path/to.sock (at most 107 bytes) or a loopback address such as 127.0.0.1:8080')
  }
  return ok({ kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) })
}

/** `unix:/run/x.sock`, or any address of this machine with a port: whoever the network lets in can connect. */
export function anyAddress(value: string): Parsed<ListenAddress> {
  const near = listenAddress(value)
  if (near.kind === 'ok') return near
  const [, host, port] = /^(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):(\d{1,5})$/.exec(value) ?? []
  if (host === undefined || Number(port) > 65_535) {
    return problem('must be unix:/path/to.sock (at most 107 bytes) or an address with a port such as 0.0.0.0:9090')
  }
  return ok({ kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) })
}
