import type { Step } from '../../request/object/json-patch.ts'
import { bringsPods } from './pod-kinds.ts'
import { reachOf } from './reach.ts'
import { STEERING } from './steering.ts'
import type { Write } from './written.ts'

/** What may change without another program running, or the same one in another way. Everything else of a workload counts as code. */
const HARMLESS = [
  'apiVersion',
  'kind',
  'metadata',
  'status',
  ...inSpec(
    'activeDeadlineSeconds backoffLimit backoffLimitPerIndex completions concurrencyPolicy failedJobsHistoryLimit',
    'maxFailedIndexes minReadySeconds parallelism paused podFailurePolicy podReplacementPolicy progressDeadlineSeconds',
    'replicas revisionHistoryLimit schedule startingDeadlineSeconds strategy successfulJobsHistoryLimit suspend timeZone',
    'ttlSecondsAfterFinished updateStrategy',
  ),
  'spec.jobTemplate.metadata',
  ...inSpec('activeDeadlineSeconds backoffLimit completions parallelism suspend ttlSecondsAfterFinished').map(
    field => `spec.jobTemplate.${field}`,
  ),
]
/** Metadata of pods: what is written on them can steer what else runs in them. */
const OF_PODS = ['template.metadata', 'spec.template.metadata', 'spec.jobTemplate.spec.template.metadata']
const WRITTEN_ON_PODS = OF_PODS.flatMap(place => ['annotations', 'labels'].map(part => `${place}.${part}`))

/** Where the admission policies find containers, with the account that they run as and what they reach, whoever made those. */
const JUDGED = ['template', 'spec.template', 'spec.jobTemplate.spec.template', 'spec.podTemplate'].flatMap(place =>
  ['containers', 'initContainers'].map(list => `${place}.spec.${list}`),
)

/** Fields that may be written, and those on the way to them or to the texts of pods. */
interface Fields {
  readonly free: ReadonlySet<string>
  readonly onTheWay: ReadonlySet<string>
}

const POD_TEXTS: ReadonlySet<string> = new Set(WRITTEN_ON_PODS)
/** Names on the way to the deepest text. */
const DEEPEST = Math.max(...WRITTEN_ON_PODS.map(field => field.split('.').length)) + 1
const WITHOUT_CODE = toFields(HARMLESS)
const WITHOUT_CODE_OR_JUDGED = toFields([...HARMLESS, ...JUDGED])

function toFields(free: readonly string[]): Fields {
  return { free: new Set(free), onTheWay: new Set([...free, ...WRITTEN_ON_PODS].flatMap(beginningsOf)) }
}

/**
 * Whether a change of something that pods come of may change what runs in them: images, commands, variables, probes, volumes. A restart
 * by an annotation, a scale and a label do not. What cannot be read counts as that.
 */
export function changesCode(write: Write): boolean {
  const { info } = write
  if (bringsPods(info) === 'no' || info.verb === 'create' || !reachOf(write).pods) return false
  // An update replaces all there is, and what was there is not known here.
  return info.verb === 'update' || !writesOnly(write, WITHOUT_CODE)
}

/**
 * Whether a patch may change what runs in a kind of others where nobody looks at what results: it says neither as whom that runs nor what
 * it reaches, and the admission policies know where Kubernetes' own kinds have their pods, and few others.
 */
export function changesCodeUnjudged(write: Write): boolean {
  const { info } = write
  if (bringsPods(info) !== 'perhaps' || info.verb !== 'patch' || !reachOf(write).pods) return false
  return !writesOnly(write, WITHOUT_CODE_OR_JUDGED)
}

function writesOnly({ object }: Write, fields: Fields): boolean {
  if (object.kind === 'steps') return object.steps.every(step => isHarmlessStep(step, fields))
  return object.kind === 'plain' && isHarmless(object.value, '', fields)
}

/** A step replaces all that is at its path. */
function isHarmlessStep({ op, path }: Step, { free }: Fields): boolean {
  if (op === 'test') return true
  if (op === 'copy' || op === 'move') return false
  const fields = path.slice(0, DEEPEST).map((_, index) => path.slice(0, index + 1).join('.'))
  if (fields.some(field => free.has(field))) return true
  const text = path.length > DEEPEST ? undefined : path.at(-1)
  return text !== undefined && POD_TEXTS.has(fields.at(-2) ?? '') && saysNothing(text)
}

function isHarmless(node: object, at: string, fields: Fields): boolean {
  return Object.entries(node).every(([name, value]: [string, unknown]) => {
    const field = at === '' ? name : `${at}.${name}`
    if (fields.free.has(field)) return true
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    return POD_TEXTS.has(field)
      ? Object.keys(value).every(saysNothing)
      : fields.onTheWay.has(field) && isHarmless(value, field, fields)
  })
}

/** A directive of a patch may take away what it does not name. */
function saysNothing(name: string): boolean {
  return !name.startsWith('$') && !STEERING.some(beginning => name.startsWith(beginning))
}

function inSpec(...fields: readonly string[]): readonly string[] {
  return fields.flatMap(line => line.split(' ').map(field => `spec.${field}`))
}

function beginningsOf(field: string): readonly string[] {
  const names = field.split('.')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'))
}
