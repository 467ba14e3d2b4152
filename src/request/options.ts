import type { ApiRequest } from './api-request.ts'
import { decodeText, parseJson } from './object/json.ts'
import { openEnvelope } from './object/protobuf/envelope.ts'
import type { Fields } from './object/protobuf/wire.ts'
import { parseYaml } from './object/yaml.ts'
import { firstValue, isTrue, type Query } from './query.ts'

/** How a request is to be carried out: of metav1's CreateOptions, UpdateOptions, PatchOptions and DeleteOptions, what changes its meaning. */
export interface Options {
  readonly dryRun: boolean
  /** '' where nothing is said. */
  readonly propagationPolicy: string
  readonly force: boolean
  readonly gracePeriodSeconds: number | null
  /** Claimed by the client. */
  readonly fieldManager: string
}

const NONE: Options = { dryRun: false, propagationPolicy: '', force: false, gracePeriodSeconds: null, fieldManager: '' }

/** Numbers of the message DeleteOptions (k8s.io/apimachinery, meta/v1 generated.proto). */
const GRACE = 1
const ORPHAN = 3
const PROPAGATION = 4
const DRY_RUN = 5

type Asked = Pick<ApiRequest, 'info' | 'contentType'>

/** Of a delete the body counts, where there is one: the API server does not look at the query then. What cannot be read says nothing. */
export function readOptions({ info, contentType }: Asked, query: Query, body: Uint8Array): Options {
  const deletes = info.isResourceRequest && (info.verb === 'delete' || info.verb === 'deletecollection')
  return deletes && body.length > 0 ? inBody(contentType, body) : inQuery(query)
}

function inQuery(query: Query): Options {
  const orphans = query.has('orphanDependents') && isTrue(query, 'orphanDependents')
  return {
    dryRun: firstValue(query, 'dryRun') === 'All',
    propagationPolicy: firstValue(query, 'propagationPolicy') ?? (orphans ? 'Orphan' : ''),
    force: isTrue(query, 'force'),
    gracePeriodSeconds: toSeconds(firstValue(query, 'gracePeriodSeconds')),
    fieldManager: firstValue(query, 'fieldManager') ?? '',
  }
}

function inBody(contentType: string, body: Uint8Array): Options {
  if (body.length > MAX_OPTIONS_BYTES) return NONE
  if (contentType === 'application/vnd.kubernetes.protobuf') {
    const envelope = openEnvelope(body)
    return envelope === null ? NONE : inFields(envelope.fields)
  }
  const parsed = contentType === 'application/yaml' ? parseYaml(body) : parseJson(body)
  return parsed.kind === 'ok' ? inMembers(parsed.value) : NONE
}

/** Preconditions and a few words: the record is not worth the time that more would take. */
const MAX_OPTIONS_BYTES = 64 * 1024

function inMembers(value: unknown): Options {
  if (typeof value !== 'object' || value === null) return NONE
  const { dryRun, propagationPolicy, orphanDependents, gracePeriodSeconds } = value as Readonly<Record<string, unknown>>
  return {
    ...NONE,
    dryRun: Array.isArray(dryRun) && dryRun.includes('All'),
    propagationPolicy:
      typeof propagationPolicy === 'string' ? propagationPolicy : orphanDependents === true ? 'Orphan' : '',
    gracePeriodSeconds: toSeconds(gracePeriodSeconds),
  }
}

function inFields(fields: Fields): Options {
  const texts = (number: number) =>
    (fields.get(number) ?? []).map(value => (typeof value === 'number' ? '' : decodeText(value)))
  return {
    ...NONE,
    dryRun: texts(DRY_RUN).includes('All'),
    propagationPolicy: texts(PROPAGATION).at(-1) ?? (fields.get(ORPHAN)?.at(-1) === 1 ? 'Orphan' : ''),
    gracePeriodSeconds: toSeconds(fields.get(GRACE)?.at(-1)),
  }
}

function toSeconds(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null
}
