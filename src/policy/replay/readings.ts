import type { ApiRequest } from '../../request/api-request.ts'
import type { HeaderLine } from '../../request/http-request.ts'
import { isProxy, isStreamTarget } from '../../request/needs/connect.ts'
import { readAnywhere } from '../../request/read-request.ts'
import type { Recorded } from './recorded.ts'

/**
 * Everything that the recorded request may have been, for all that the record tells: one reading where nothing that is judged is missing. Of a body,
 * which is in no record, there is the one that a policy minds least and the one that it minds most; whatever was sent lies between. Null where the
 * request cannot be made again from its row. `ownPrefixes` are those of labels and annotations that a policy tells apart.
 */
export function readingsOf(row: Recorded, ownPrefixes: readonly string[] = []): readonly ApiRequest[] | null {
  if (isMarked(row)) return null
  const readings = waysToSend(row, ownPrefixes).map(sent => readAs(row, sent))
  return readings.every(reading => reading !== null) ? readings : null
}

/** Whether a body was sent that is judged. */
export function hasBody({ verb, isResource }: Recorded, [reading]: readonly ApiRequest[]): boolean {
  if (reading === undefined || !isResource || !WRITES.has(verb)) return false
  return !isProxy(reading.info) && !isStreamTarget(reading.info)
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])
const MARKS = ['[masked]', '[cut, ']

/** What is masked or cut in a row is not what was sent. */
function isMarked({ path, name, fieldSelector, labelSelector, command }: Recorded): boolean {
  return [path, name, fieldSelector, labelSelector, ...command].some(text => MARKS.some(mark => text.includes(mark)))
}

export interface Sent {
  readonly contentType?: string
  readonly body?: string
  readonly upgrade?: boolean
  readonly accept?: string
}

const NOTHING: Sent = {}
const UPGRADED: Sent = { upgrade: true }

function waysToSend(row: Recorded, ownPrefixes: readonly string[]): readonly Sent[] {
  const { apiGroup, resource, subresource, verb, isResource } = row
  if (!isResource) return [NOTHING]
  const isPods = apiGroup === '' && resource === 'pods'
  if (isPods && STREAMS.has(subresource)) return [UPGRADED]
  // Whether it was a tunnel is not on record.
  if (subresource === 'proxy') return TUNNELS.has(row.method) ? [NOTHING, UPGRADED] : [NOTHING]
  if (WRITES.has(verb)) return bodies(row, ownPrefixes)
  // What of an object was asked for is not on record.
  return apiGroup === '' && subresource === '' && ANSWERS.has(verb) ? [NOTHING, ...METADATA] : [NOTHING]
}

const ANSWERS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
/** Of these the verb takes its own. */
const METADATA: readonly Sent[] = ['PartialObjectMetadata', 'PartialObjectMetadataList'].map(kind => ({
  accept: `application/json;as=${kind};g=meta.k8s.io;v=v1`,
}))

const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])
/** How websocket and SPDY come. */
const TUNNELS: ReadonlySet<string> = new Set(['GET', 'POST'])

/** The first is minded least, the last, which cannot be read, most; a rule may mean patches that are seen to change these alone. */
function bodies(row: Recorded, ownPrefixes: readonly string[]): readonly Sent[] {
  const metadata = { ...nameIn(row), ...(row.verb === 'update' ? { uid: 'u' } : {}) }
  if (row.verb !== 'patch') return [plain({ metadata }, 'application/json'), NOTHING, UNREADABLE]
  const small = smallChanges(ownPrefixes).map(change =>
    plain({ ...change, metadata: { ...metadata, ...change.metadata } }, STRATEGIC),
  )
  return [...small, NOTHING, UNREADABLE]
}

const STRATEGIC = 'application/strategic-merge-patch+json'
const UNREADABLE: Sent = { contentType: 'application/apply-patch+cbor', body: 'x' }

interface Small {
  readonly metadata?: object
  readonly spec?: object
}

/** All ways to change some of what `changesOnly` of a risk rule can name, and nothing. */
function smallChanges(ownPrefixes: readonly string[]): readonly Small[] {
  const notes = ['x', ...ownPrefixes.map(prefix => `${prefix}/x`)].map(name => ({ [name]: 'x' }))
  const ofMetadata = notes.flatMap(one => [{ annotations: one }, { labels: one }, { annotations: one, labels: one }])
  return [{}, ...ofMetadata].flatMap(metadata => [{ metadata }, { metadata, spec: { replicas: 1 } }])
}

function plain(value: object, contentType: string): Sent {
  return { contentType, body: JSON.stringify(value) }
}

function nameIn({ verb, name }: Recorded): object {
  if (verb !== 'create' || name === '') return {}
  return name.endsWith('*') ? { generateName: name.slice(0, -1) } : { name }
}

/** The recorded request with this body; null where that is another request. */
export function readAs(row: Recorded, { contentType, body = '', upgrade = false, accept }: Sent): ApiRequest | null {
  const headers: HeaderLine[] = contentType === undefined ? [] : [['content-type', contentType]]
  if (accept !== undefined) headers.push(['accept', accept])
  if (upgrade) headers.push(...(row.method === 'GET' ? WEBSOCKET : SPDY))
  const target = `${row.path}${queryOf(row)}`
  const bytes = Buffer.from(body, 'utf8')
  const read = readAnywhere({
    id: '',
    method: row.method,
    target,
    headers,
    body: bytes,
    route: null,
    source: row.source,
  })
  if (read.kind === 'refused' || !isSame(read.request, row)) return null
  const verbs = verbsOf(row)
  return verbs === null ? read.request : { ...read.request, verbs }
}

const WEBSOCKET: readonly HeaderLine[] = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
  ['sec-websocket-protocol', 'v4.channel.k8s.io'],
]
const SPDY: readonly HeaderLine[] = [
  ['connection', 'Upgrade'],
  ['upgrade', 'SPDY/3.1'],
]

function queryOf(row: Recorded): string {
  const pairs = [
    ...(row.verb === 'watch' && !row.path.includes('/watch/') ? [['watch', 'true']] : []),
    ...(row.fieldSelector === '' ? [] : [['fieldSelector', row.fieldSelector]]),
    ...(row.labelSelector === '' ? [] : [['labelSelector', row.labelSelector]]),
    ...row.command.map(argument => ['command', argument]),
    ...(row.stdin ? [['stdin', 'true']] : []),
    ...(row.ports === '' ? [] : row.ports.split(',').map(port => ['ports', port])),
    ...(row.force ? [['force', 'true']] : []),
  ]
  const written = pairs.map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`)
  return written.length === 0 ? '' : `?${written.join('&')}`
}

/** What is read of the row is what was read of the request. */
function isSame({ info }: ApiRequest, row: Recorded): boolean {
  return (
    info.isResourceRequest === row.isResource &&
    info.verb === row.verb &&
    info.apiGroup === row.apiGroup &&
    info.resource === row.resource &&
    info.subresource === row.subresource &&
    info.namespace === row.namespace &&
    (info.name === row.name || (info.name === '' && row.verb === 'create')) &&
    info.fieldSelector === row.fieldSelector &&
    info.labelSelector === row.labelSelector
  )
}

/** Which verbs it needed is known where rules covered it: they say so where it was more than its own. */
function verbsOf({ rule, verb, subresource, isResource }: Recorded): readonly string[] | null {
  if (!isResource || !/^rule \d/.test(rule)) return null
  const said = rule.split(', ').flatMap(part => part.split(': ')[1]?.split(' ') ?? [])
  if (said.length > 0) return said
  return STREAMS.has(subresource) ? null : [verb]
}
