import type { ApiRequest } from '../../request/api-request.ts'
import { carriesCredential } from '../../request/object/carries-credential.ts'
import { shown } from '../../support/text/shown-text.ts'
import { readBody } from './body.ts'
import { factsOf } from './facts.ts'
import { weightOf } from './weight.ts'

/** What a question shows of a body, with nothing cut. */
export interface Whole {
  /** Field by field, those that reach furthest first. */
  readonly facts: readonly string[]
  readonly body: string
}

/** Null where none of it is shown to anybody: it may hold a credential, or cannot be read. */
export function wholeOf(request: ApiRequest, body: Uint8Array, mask: (text: string) => string): Whole | null {
  if (carriesCredential(request.info)) return null
  const read = readBody(request, body)
  const facts = factsOf(request.object)
  if (read.kind === 'unreadable' || facts === null) return null
  const weighed = Map.groupBy(facts, weightOf)
  const lines = (['reaches', 'runs', 'other'] as const).flatMap(weight => weighed.get(weight) ?? [])
  return { facts: lines.map(({ text }) => mask(text)), body: mask(shown(read.text)) }
}
