import type { RequestInfo } from '../../../request/api-request.ts'
import type { Looked } from '../look/cluster-view.ts'
import { meantBy } from './changes.ts'
import { runsNothing } from './runs-nothing.ts'
import { type SaidTimes, timesIn, withoutNow, withoutTimes } from './times.ts'

interface Tries {
  readonly info: RequestInfo
  /** The same dry run twice. */
  readonly runs: readonly (Looked | null)[]
  /** What was there, and what was sent: a time that one of them says was not made by the try. */
  readonly known: readonly string[]
  readonly now: number
}

export interface Outcome {
  /** The same for as long as the same would become of the request. */
  readonly words: string
  /** Fields, as they are shown, that the API server or a webhook sets anew at each write: what they say is bound by nothing. */
  readonly anew: ReadonlySet<string>
  /** Those among what differs by which something may run or reach further: nobody can say yes to them. */
  readonly unsure: readonly string[]
  /** One try was answered in another way than the other, as where only one of them is refused: what would become of it is not known. */
  readonly isSplit: boolean
}

interface Field {
  readonly path: string
  readonly parts: readonly string[]
  readonly says: string
  /** Without times of the try. */
  readonly lasts: string
}

/**
 * What an API server says would become of a request, webhooks and defaults included. What two tries do not agree on is drawn at each (names,
 * addresses, ids), and a time of about now is when it was tried: of these counts that they are there, and which fields they are is told.
 */
export function outcomeOf({ info, runs, known, now }: Tries): Outcome {
  const said = timesIn(known)
  const fields = runs.map(run => fieldsOf(run, { info, said, now }))
  const kinds = runs.map(run => run?.kind)
  const first = fields[0] ?? new Map<string, Field>()
  const keys = new Set(fields.flatMap(each => [...each.keys()]))
  const isAgreed = (key: string) => fields.every(each => each.get(key)?.lasts === first.get(key)?.lasts)
  const differ = kinds.every(kind => kind === 'found') ? [...keys].filter(key => !isAgreed(key)) : []
  const lasting = [...first].flatMap(([key, { lasts }]) => {
    if (isAgreed(key)) return [lasts]
    return fields.every(each => each.has(key)) ? [JSON.stringify(['anew', key])] : []
  })
  const at = (key: string): readonly Field[] => fields.flatMap(each => each.get(key) ?? []).slice(0, 1)
  const shown = (found: readonly Field[]) => new Set(found.map(({ path }) => path))
  const drawn = differ.flatMap(at)
  const timed = [...first.values()].filter(({ says, lasts }) => says !== lasts)
  return {
    words: JSON.stringify([kinds, lasting.toSorted()]),
    anew: shown([...drawn.filter(({ parts }) => runsNothing(info, parts)), ...timed]),
    unsure: [...shown(drawn.filter(({ parts }) => !runsNothing(info, parts)))],
    isSplit: new Set(kinds).size > 1,
  }
}

/** Names that Kubernetes' own admission draws for volumes of tokens, in the place of which it is one each time. */
const OF_TOKENS = /kube-api-access-[a-z0-9]+/g
const withoutTokens = (text: string): string => text.replace(OF_TOKENS, 'kube-api-access-*')

interface Reading extends Pick<Tries, 'info' | 'now'> {
  readonly said: SaidTimes
}

function fieldsOf(run: Looked | null, { info, said, now }: Reading): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>()
  for (const { path, parts, key, text } of run?.kind === 'found' ? meantBy(run.value) : []) {
    const says = withoutTokens(text)
    const lasts = runsNothing(info, parts) ? withoutTimes(says, said, now) : withoutNow(says, said, now)
    // Two of such names are told apart, by what they are.
    const common = withoutTokens(key)
    fields.set(fields.has(common) ? key : common, { path, parts, says, lasts })
  }
  return fields
}
