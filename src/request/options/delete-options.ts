import { decodeText, parseJson } from '../object/json.ts'
import { openEnvelope } from '../object/protobuf/envelope.ts'
import { type Fields, isBytes } from '../object/protobuf/wire.ts'
import { parseYaml } from '../object/yaml.ts'

/** What the body of a delete says, as far as it decides how it is carried out. */
export interface DeleteOptions {
  readonly dryRun: boolean
  readonly gracePeriodSeconds: number | null
  /** Null where nothing is said, here and below. */
  readonly orphanDependents: boolean | null
  readonly propagationPolicy: string | null
  readonly ignoreStoreReadErrorWithClusterBreakingPotential: boolean | null
  /** Which of these it says at all, in whatever way. */
  readonly says: ReadonlySet<string>
}

/** Names of these options, which a query may say as well; of the body only where there is none. */
export const DELETE_OPTIONS = [
  ...['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'],
  'ignoreStoreReadErrorWithClusterBreakingPotential',
] as const

/** Preconditions and a few words: nobody's question is worth the time that more would take. */
const MAX_BYTES = 64 * 1024

/** Numbers of the message DeleteOptions (k8s.io/apimachinery, meta/v1 generated.proto). */
const NUMBERS = {
  gracePeriodSeconds: 1,
  orphanDependents: 3,
  propagationPolicy: 4,
  dryRun: 5,
  ignoreStoreReadErrorWithClusterBreakingPotential: 6,
} as const satisfies Record<(typeof DELETE_OPTIONS)[number], number>

/** Null for what cannot be read, or is too long for options. */
export function readDeleteOptions(contentType: string, body: Uint8Array): DeleteOptions | null {
  if (body.length > MAX_BYTES) return null
  switch (contentType) {
    case 'application/vnd.kubernetes.protobuf': {
      const envelope = openEnvelope(body)
      return envelope === null ? null : inFields(envelope.fields)
    }
    case '':
    case 'application/json':
    case 'application/yaml': {
      const parsed = contentType === 'application/yaml' ? parseYaml(body) : parseJson(body)
      return parsed.kind === 'ok' ? inMembers(parsed.value) : null
    }
    default:
      return null
  }
}

function inMembers(value: unknown): DeleteOptions | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const said = value as Readonly<Record<string, unknown>>
  const { dryRun, propagationPolicy, orphanDependents, gracePeriodSeconds } = said
  const ignore = said['ignoreStoreReadErrorWithClusterBreakingPotential']
  return {
    dryRun: Array.isArray(dryRun) && dryRun.includes('All'),
    gracePeriodSeconds: Number.isSafeInteger(gracePeriodSeconds) ? Number(gracePeriodSeconds) : null,
    orphanDependents: typeof orphanDependents === 'boolean' ? orphanDependents : null,
    propagationPolicy: typeof propagationPolicy === 'string' ? propagationPolicy : null,
    ignoreStoreReadErrorWithClusterBreakingPotential: typeof ignore === 'boolean' ? ignore : null,
    says: new Set(DELETE_OPTIONS.filter(name => !isNothing(said[name]))),
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

function inFields(fields: Fields): DeleteOptions {
  const last = (number: number) => fields.get(number)?.at(-1)
  // Any number but nought is true to Go.
  const flag = (number: number) => (fields.has(number) ? last(number) !== 0 : null)
  const texts = (number: number) =>
    (fields.get(number) ?? []).map(value => (isBytes(value) ? (decodeText(value) ?? '') : ''))
  const grace = last(NUMBERS.gracePeriodSeconds)
  return {
    dryRun: texts(NUMBERS.dryRun).includes('All'),
    gracePeriodSeconds: typeof grace === 'number' && Number.isSafeInteger(grace) ? grace : null,
    orphanDependents: flag(NUMBERS.orphanDependents),
    propagationPolicy: texts(NUMBERS.propagationPolicy).at(-1) ?? null,
    ignoreStoreReadErrorWithClusterBreakingPotential: flag(NUMBERS.ignoreStoreReadErrorWithClusterBreakingPotential),
    says: new Set(DELETE_OPTIONS.filter(name => fields.has(NUMBERS[name]))),
  }
}
