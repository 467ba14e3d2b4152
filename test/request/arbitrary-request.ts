import fc from 'fast-check'
import type { HttpRequest } from '../../src/request/http-request.ts'
import { anHttpRequest, SPDY, WEBSOCKET } from './a-http-request.ts'
import { arbitraryQuery } from './arbitrary-query.ts'

/** Each weighed by how often it comes. */
const pick = <T>(...weighed: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]) =>
  fc.oneof(...weighed.map(([weight, arbitrary]) => ({ weight, arbitrary })))
const among = (...texts: readonly string[]) => fc.constantFrom(...texts)
const nothing = fc.constant('')

const METHOD = pick(
  [60, fc.constant('GET')],
  [30, among('POST', 'PUT', 'PATCH', 'DELETE', 'HEAD')],
  [4, fc.constant('OPTIONS')],
  [2, among('TRACE', 'CONNECT', 'get', 'Delete', 'PROPFIND', 'WATCH', 'LIST', '')],
)

const RESOURCE = among(
  ...['pods', 'pods', 'services', 'nodes', 'secrets', 'namespaces', 'deployments', 'widgets', 'watch', 'proxy'],
  ...['status', 'finalize', 'bindings', 'selfsubjectaccessreviews', 'api', 'apis', 'Pods', 'x'],
)

const SUBRESOURCE = among(
  ...['status', 'scale', 'log', 'exec', 'attach', 'portforward', 'proxy', 'eviction', 'binding', 'token', 'finalize'],
  ...['ephemeralcontainers', 'approval', 'resize', 'namespaces', 'watch', 'foo'],
)

/** Legal in a name, some of them in a path only escaped. */
const NAME_CHARACTER = pick(
  [20, among(...'abcxyz019-.')],
  [3, among(...":@!$&'()*+,=~_ABC")],
  [2, among(' ', '"', '<', '>', '[', ']', '^', '`', '{', '|', '}', 'é', '漢', '😀', 'ß', 'İ')],
)

const WRITTEN_AS_IT_IS = /[A-Za-z0-9\-._~!$&'()*+,=:@]/

/** Some characters escaped that need not be, in upper or lower case; all that must be. */
const NAME = fc
  .array(fc.tuple(NAME_CHARACTER, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 8 })
  .map(characters => characters.map(([character, die]) => written(character, die)).join(''))

function written(character: string, die: number): string {
  if (die > 1 && WRITTEN_AS_IT_IS.test(character)) return character
  const escaped = [...Buffer.from(character)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
  return die % 2 === 0 ? escaped : escaped.toUpperCase()
}

const A_NAME = pick(
  [6, among('a', 'web-0', 'kube-system', 'system:node', 'system%3Anode', 'https:web:8443', 'status', 'finalize')],
  [4, NAME],
)
const GROUP = pick([5, among('apps', 'batch', 'rbac.authorization.k8s.io', 'metrics.k8s.io')], [1, NAME])
const VERSION = pick([9, among('v1', 'v1beta1', 'v2')], [1, NAME])

const API = pick(
  [10, VERSION.map(version => ['api', version])],
  [10, fc.tuple(GROUP, VERSION).map(groupVersion => ['apis', ...groupVersion])],
)

const BELOW = fc
  .tuple(
    pick([20, nothing], [2, fc.constant('watch')], [1, fc.constant('proxy')]),
    pick<readonly string[]>([4, fc.constant([])], [5, A_NAME.map(name => ['namespaces', name])]),
    RESOURCE,
    pick([1, nothing], [2, A_NAME]),
    pick([2, nothing], [1, SUBRESOURCE]),
    pick<readonly string[]>([9, fc.constant([])], [1, fc.array(A_NAME, { maxLength: 3 })]),
  )
  .map(([pathVerb, namespace, resource, name, subresource, more]) => {
    const rest = name === '' ? [] : subresource === '' ? [name] : [name, subresource, ...more]
    return [...(pathVerb === '' ? [] : [pathVerb]), ...namespace, resource, ...rest]
  })

const OTHER_PATH = pick(
  [
    2,
    among('/version', '/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1', '/openapi/v2', '/healthz/ping', '/'),
  ],
  [1, fc.array(A_NAME, { maxLength: 4 }).map(names => `/${names.join('/')}`)],
  [1, fc.tuple(API, fc.array(pick([1, RESOURCE], [1, A_NAME]), { maxLength: 6 })).map(toPath)],
)

const PATH = pick([12, fc.tuple(API, BELOW).map(toPath)], [2, OTHER_PATH])

function toPath([prefix, below]: readonly [readonly string[], readonly string[]]): string {
  return `/${[...prefix, ...below].join('/')}`
}

/** What one parser cleans away, another cuts at, and a third takes as it is. */
const ODD = among(
  ...['/', '//', '/./', '/../', '/..', '%2e%2e', '%2F', '%5c', '\\', ';', ';a=b', '#', '%23', '%3f', '?', '%25', '%'],
  ...[
    '%zz',
    '%00',
    '%ff',
    '%c0%af',
    '%0a',
    ' ',
    '\t',
    '\u0000',
    '\u00e9',
    '%e2%80%8b',
    '%ed%a0%80',
    'http://evil',
    '*',
  ],
)

const TARGET = fc
  .tuple(PATH, pick([9, nothing], [1, fc.constant('/')]), pick([1, nothing], [1, arbitraryQuery]))
  .map(parts => parts.join(''))

const ODD_TARGET = fc.tuple(TARGET, ODD, fc.double({ min: 0, max: 1, noNaN: true })).map(([target, odd, where]) => {
  const at = Math.floor(target.length * where)
  return target.slice(0, at) + odd + target.slice(at)
})

const STREAM_TARGET = /\/(?:exec|attach|portforward)/

/** Mostly what a client could send; upgrades come as their clients send them, without which nobody would read exec. */
export const arbitraryRequest: fc.Arbitrary<HttpRequest> = fc
  .tuple(METHOD, pick([12, TARGET], [1, ODD_TARGET]), fc.boolean())
  .map(([method, target, spdy]) => {
    if (!STREAM_TARGET.test(target)) return anHttpRequest({ method, target })
    return spdy
      ? anHttpRequest({ method: 'POST', target, headers: SPDY })
      : anHttpRequest({ method: 'GET', target, headers: WEBSOCKET })
  })

/** Whether a selector parses shows in the name: one that does not hides metadata.name. */
export const arbitrarySelection: fc.Arbitrary<HttpRequest> = fc
  .tuple(among('GET', 'GET', 'GET', 'HEAD', 'DELETE'), arbitraryQuery)
  .map(([method, query]) => anHttpRequest({ method, target: `/api/v1/namespaces/n/pods${query}` }))
