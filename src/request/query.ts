import { decodeUtf8, INVISIBLE } from './path.ts'
import { type Refused, refuse } from './refuse.ts'

/** Decoded values by key, in the order they came. */
export type Query = ReadonlyMap<string, readonly string[]>

export interface ParsedQuery {
  readonly kind: 'query'
  readonly query: Query
}

const MAX_QUERY_BYTES = 32_768

/** Go drops the whole query above 10 000 pairs; no client needs a tenth of that. */
const MAX_PAIRS = 1000

/** Printable ASCII but for ';' (Go drops a pair that holds one, others split at it) and '#' (others cut there). */
const ODD_BYTE = /[^\x21\x22\x24-\x3a\x3c-\x7e]/

/** Query parameters of the API server that are lists. */
const LISTS: ReadonlySet<string> = new Set(['command', 'ports'])

/** Query parameters of the API server that are one value: it takes the first, another reader might take the last. */
const SINGLES: ReadonlySet<string> = new Set([
  // metav1 ListOptions and GetOptions
  ...['watch', 'fieldSelector', 'labelSelector', 'shardSelector', 'timeoutSeconds', 'limit', 'continue'],
  ...['resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks'],
  // metav1 CreateOptions, UpdateOptions, PatchOptions, DeleteOptions, TableOptions
  ...['dryRun', 'fieldManager', 'fieldValidation', 'force', 'includeObject'],
  ...['gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'],
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  // core/v1 PodLogOptions, PodExecOptions, PodAttachOptions, PodProxyOptions
  ...['container', 'follow', 'previous', 'sinceSeconds', 'sinceTime', 'timestamps', 'tailLines', 'limitBytes'],
  ...['stream', 'insecureSkipTLSVerifyBackend', 'stdin', 'stdout', 'stderr', 'tty', 'path'],
  // read by filters for every request
  ...['pretty', 'timeout'],
])

const LOWER_CASE = new Set([...SINGLES, ...LISTS].map(key => key.toLowerCase()))

const NONE: ParsedQuery = { kind: 'query', query: new Map() }

/** Reads a query (without its question mark) as Go's url.ParseQuery does, and refuses what other parsers read otherwise. */
export function parseQuery(raw: string): ParsedQuery | Refused {
  if (raw === '') return NONE
  if (raw.length > MAX_QUERY_BYTES) return refuse('odd-query', `query longer than ${MAX_QUERY_BYTES} bytes`)
  const odd = ODD_BYTE.exec(raw)
  if (odd !== null) return refuse('odd-query', `byte 0x${odd[0].charCodeAt(0).toString(16).padStart(2, '0')}`)
  const pairs = raw.split('&')
  if (pairs.length > MAX_PAIRS) return refuse('odd-query', `more than ${MAX_PAIRS} parameters`)
  return collect(pairs)
}

function collect(pairs: readonly string[]): ParsedQuery | Refused {
  const query = new Map<string, string[]>()
  for (const pair of pairs) {
    if (pair === '') continue
    const cut = pair.indexOf('=')
    const key = cut === -1 ? pair : pair.slice(0, cut)
    const value = cut === -1 ? '' : decodeUtf8(pair.slice(cut + 1).replaceAll('+', ' '))
    if (/[%+]/.test(key)) return refuse('odd-query', 'escape in the name of a parameter')
    if (value === null) return refuse('odd-query', 'broken percent-escape in a value')
    const values = query.get(key)
    const problem = oddParameter(key, value, values !== undefined)
    if (problem !== null) return refuse('odd-query', problem)
    if (values === undefined) query.set(key, [value])
    else values.push(value)
  }
  return { kind: 'query', query }
}

function oddParameter(key: string, value: string, repeated: boolean): string | null {
  if (LISTS.has(key)) return null
  if (SINGLES.has(key)) {
    if (repeated) return `${key} given twice`
    return INVISIBLE.test(value) ? `invisible character in ${key}` : null
  }
  return LOWER_CASE.has(key.toLowerCase()) ? `upper and lower case of ${key.toLowerCase()}` : null
}

/** The value that Kubernetes acts on: the first one. */
export function firstValue(query: Query, key: string): string | undefined {
  return query.get(key)?.[0]
}

/**
 * A boolean parameter as Convert_Slice_string_To_bool of k8s.io/apimachinery reads it: '0' and 'false' in any case are false, all
 * else is true, also nothing at all (`?watch`). The flags i and u together fold case as Go's EqualFold does.
 */
export function isTrue(query: Query, key: string): boolean {
  const value = firstValue(query, key)
  return value !== undefined && !/^(?:0|false)$/iu.test(value)
}
