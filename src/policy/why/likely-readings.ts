import type { ApiRequest } from '../../request/api-request.ts'
import type { Case } from '../judge/judge.ts'
import { weighedRisks } from '../judge/judge.ts'
import { hasBody, readAs, readingsOf } from '../replay/readings.ts'
import type { Recorded } from '../replay/recorded.ts'

export interface Readings {
  /** The first is the likeliest, where there is one. */
  readonly requests: readonly [ApiRequest, ...ApiRequest[]]
  /** Whether what was sent could be any of them: a body is in no record. */
  readonly isGuess: boolean
  /** Whether it is a patch of which nobody can tell the fields. */
  readonly isUnknownPatch: boolean
}

const STRATEGIC = 'application/strategic-merge-patch+json'
const MERGE = 'application/merge-patch+json'
const AT = '2026-01-01T00:00:00Z'
const RESTARTED = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': AT } } }

/** What kubectl (1.36) patches with, by the command that it says it is: of these the fields are always the same. */
const PATCHES: Readonly<Record<string, readonly [contentType: string, body: object]>> = {
  'rollout restart': [STRATEGIC, { spec: { template: RESTARTED } }],
  scale: [MERGE, { spec: { replicas: 1 } }],
  cordon: [STRATEGIC, { spec: { unschedulable: true } }],
  uncordon: [STRATEGIC, { spec: { unschedulable: null } }],
  drain: [STRATEGIC, { spec: { unschedulable: true } }],
  label: [MERGE, { metadata: { labels: { x: 'x' } } }],
  annotate: [MERGE, { metadata: { annotations: { x: 'x' } } }],
}

/**
 * What a recorded request was, as far as its row tells. Of a body there are several, unless the client said by which command it comes; that
 * is believed here, as hints do, since nothing is decided by it. Null where the request cannot be made again from its row.
 */
export function likelyReadings(row: Recorded, command: string, asking: Omit<Case, 'request'>): Readings | null {
  const likely = byCommand(row, command)
  if (likely !== null) return { requests: [likely], isGuess: false, isUnknownPatch: false }
  const all = readingsOf(row)
  const [first, ...rest] = all ?? []
  if (all === null || first === undefined) return null
  // The worst risk of what was sent is on record: whatever has another was not it.
  const [alike, ...others] = all.filter(request => (weighedRisks({ ...asking, request })[0]?.id ?? '') === row.risk)
  const isGuess = hasBody(row, all)
  const isUnknownPatch = isGuess && row.verb === 'patch'
  return { requests: alike === undefined ? [first, ...rest] : [alike, ...others], isGuess, isUnknownPatch }
}

function byCommand(row: Recorded, command: string): ApiRequest | null {
  const name = command.replace(/^kubectl /, '')
  const patch = row.verb === 'patch' && Object.hasOwn(PATCHES, name) ? PATCHES[name] : undefined
  if (patch === undefined) return null
  const [contentType, body] = patch
  return readAs(row, { contentType, body: JSON.stringify(body) })
}
