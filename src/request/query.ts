import { decodeUtf8, INVISIBLE } from './path/path.ts'
import { type Refused, refuse } from './refuse.ts'

/** Decoded values by key, in the order they came; what is one value stands there once, however often it was said. */
export type Query = ReadonlyMap<string, readonly string[]>

export interface ParsedQuery {
  readonly kind: 'query'
  readonly query: Query
}

/** One argument of a command, as long as Linux takes any (128 KiB), half of it escaped; Envoy takes a little more of a whole head. */
export const MAX_QUERY_BYTES = 192 * 1024

/** Go drops the whole query above 10 000 pairs; a list of files as arguments may be long. */
const MAX_PAIRS = 5000

/** Printable ASCII but for ';' (Go drops a pair that holds one, others split at it) and '#' (others cut there). */
const ODD_BYTE = /[^\x21\x22\x24-\x3a\x3c-\x7e]/

/** Query parameters of the API server that are lists. */
const LISTS: ReadonlySet<string> = new Set(['command', 'ports'])

/** Query parameters of the API server that are one value: it takes the first of several, another reader might take the last. */
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

const PLUS = 0x2b
const SPACE = 0x20

const NONE: ParsedQuery = { kind: 'query', query: new Map() }

/** Reads a query (without its question mark) as Go's url.ParseQuery does, and refuses what other parsers read otherwise. */
export function parseQuery(raw: string): ParsedQuery | Refused {
  if (raw === '') return NONE
  if (raw.length > MAX_QUERY_BYTES) {
    return refuse('too-long', `the query has ${raw.length} bytes, and ${MAX_QUERY_BYTES} are read`)
  }
  const odd = ODD_BYTE.exec(raw)
  if (odd !== null) return refuse('odd-query', `byte 0x${odd[0].charCodeAt(0).toString(16).padStart(2, '0')}`)
  const pairs = raw.split('&')
  if (pairs.length > MAX_PAIRS) {
    return refuse('too-long', `the query has ${pairs.length} parameters, and ${MAX_PAIRS} are read`)
  }
  return collect(pairs)
}

function collect(pairs: readonly string[]): ParsedQuery | Refused {
  const query = new Map<string, string[]>()
  for (const pair of pairs) {
    if (pair === '') continue
    const cut = pair.indexOf('=')
    const key = cut === -1 ? pair : pair.slice(0, cut)
    const value = cut === -1 ? '' : decodeUtf8(withSpaces(pair.slice(cut + 1)))
    if (/[%+]/.test(key)) return refuse('odd-query', 'escape in the name of a parameter')
    if (value === null) return refuse('odd-query', 'broken percent-escape in a value')
    const values = query.get(key)
    const problem = oddParameter(key, value, values?.[0])
    if (problem !== null) return refuse('odd-query', problem)
    if (values === undefined) query.set(key, [value])
    else if (!SINGLES.has(key)) values.push(value)
  }
  return { kind: 'query', query }
}

/** Of a long command in ASCII, replaceAll takes a hundred times as long. */
function withSpaces(value: string): string {
  if (!value.includes('+')) return value
  const bytes = Buffer.from(value, 'latin1')
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === PLUS) bytes[at] = SPACE
  return bytes.toString('latin1')
}

function oddParameter(key: string, value: string, before: string | undefined): string | null {
  if (LISTS.has(key)) return null
  if (SINGLES.has(key)) {
    // client-go's Param beside VersionedParams says the same twice; whichever of them a reader takes, it is that.
    if (before !== undefined && before !== value) return `${key} given twice, with different values`
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
