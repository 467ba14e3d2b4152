import type { Page, Series } from '../../lease/questions/series.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { firstValue, parseQuery, type Query } from '../../request/query.ts'

/** Longer than the name of any object. */
const MAX_START = 1024

/**
 * The series that a request may belong to, of which one yes is for all: the pages of a list, and the tries of an eviction that a
 * disruption budget holds up.
 */
export function seriesOf({ info, query: raw }: ApiRequest): Series | null {
  if (!info.isResourceRequest) return null
  const { apiGroup, resource, subresource, verb } = info
  if (verb === 'create' && apiGroup === '' && resource === 'pods' && subresource === 'eviction')
    return { kind: 'tries' }
  if (verb !== 'list') return null
  const parsed = parseQuery(raw)
  return parsed.kind === 'query' ? pagesOf(parsed.query) : null
}

/** Pages of any length: a list in one piece is what they hold together, and a yes to one that differs from the other would be for neither. */
function pagesOf(query: Query): Series | null {
  const token = firstValue(query, 'continue') ?? ''
  if (token === '') return { kind: 'pages', page: null }
  const page = readToken(token)
  return page === null ? null : { kind: 'pages', page }
}

/**
 * k8s.io/apiserver, pkg/storage/continue.go. One that is not written exactly as it writes them could be read in two ways; a negative
 * version goes on in what is there now, and is no page of what was shown first.
 */
function readToken(token: string): Page | null {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  const [, version = '', start = ''] =
    /^\{"v":"meta\.k8s\.io\/v1","rv":([1-9]\d{0,18}),"start":("[^"]*")\}$/.exec(text) ?? []
  if (start === '' || start.length > MAX_START || Buffer.from(text).toString('base64url') !== token) return null
  try {
    const key: unknown = JSON.parse(start)
    if (typeof key !== 'string' || key === '' || JSON.stringify(key) !== start) return null
    return { version, start: Buffer.from(key).toString('hex') }
  } catch {
    return null
  }
}
