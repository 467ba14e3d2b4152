import type { Answer, RequestInfo } from '../api-request.ts'
import { headerValues } from '../headers.ts'
import type { HeaderLine } from '../http-request.ts'
import { firstValue, type Query } from '../query.ts'

interface Asked {
  readonly info: RequestInfo
  readonly query: Query
  readonly headers: readonly HeaderLine[]
  readonly upgrade: string | null
}

/** One way to be answered, without a weight: then the API server takes them in the order in which they stand. */
const WAY = /^application\/(json|yaml|cbor|vnd\.kubernetes\.protobuf)((?:; ?(?:as|g|v)=[A-Za-z0-9.]{1,64})*)$/
/** More are sorted in another way (Go sorts up to twelve as they stand). */
const MOST_WAYS = 8

/**
 * By what kube-apiserver does (`NegotiateMediaTypeOptions`, `doTransformObject`): it takes the first way that it can serve, JSON of a kind of
 * its own always, and the whole object where it can serve none. Where a watch could not be turned into what was asked for, older ones sent
 * whole objects: only what fits the verb counts.
 */
export function answerOf({ info, query, headers, upgrade }: Asked): Answer {
  const { verb, apiGroup, subresource, isResourceRequest } = info
  const kind = KINDS.get(verb)
  if (kind === undefined || !isResourceRequest || apiGroup !== '' || subresource !== '' || upgrade !== null)
    return 'whole'
  const ways = waysIn(headers)
  const certain = ways.findIndex(({ type, version }) => type === 'json' && version === 'v1')
  const counting = ways.slice(0, certain + 1)
  if (counting.length === 0) return 'whole'
  if (counting.every(({ as }) => as === kind)) return 'metadata'
  const isTable = verb !== 'watch' && PRINTED.has(info.resource) && counting.every(({ as }) => as === 'Table')
  return isTable ? tableWith(firstValue(query, 'includeObject')) : 'whole'
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['get', 'PartialObjectMetadata'],
  ['list', 'PartialObjectMetadataList'],
  ['watch', 'PartialObjectMetadata'],
])
/** Of these it is known what a table shows: names, kinds, ages, and how many members there are. */
const PRINTED: ReadonlySet<string> = new Set(['secrets', 'configmaps'])

function tableWith(object: string | undefined): Answer {
  if (object === 'None') return 'columns'
  return object === undefined || object === '' || object === 'Metadata' ? 'metadata' : 'whole'
}

interface Way {
  readonly type: string
  readonly as: string
  readonly version: string
}

/** None where one of them is not what such clients send. */
function waysIn(headers: readonly HeaderLine[]): readonly Way[] {
  const [line, another] = headerValues(headers, 'accept')
  const ways = line === undefined || another !== undefined ? [] : line.split(/, ?/).map(toWay)
  return ways.length <= MOST_WAYS && ways.every(way => way !== null) ? ways : []
}

function toWay(text: string): Way | null {
  const [, type, said = ''] = WAY.exec(text) ?? []
  if (type === undefined) return null
  const options = said
    .split(/; ?/)
    .slice(1)
    .map(option => option.split('='))
  const named = new Map(options.map(([name = '', value = '']) => [name, value]))
  if (named.size !== options.length) return null
  const isOfMeta = named.get('g') === 'meta.k8s.io' && /^v1(?:beta1)?$/.test(named.get('v') ?? '')
  return { type, as: isOfMeta ? (named.get('as') ?? '') : '', version: named.get('v') ?? '' }
}
