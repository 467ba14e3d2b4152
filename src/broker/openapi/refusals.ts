import type { Operation } from '../http/operation.ts'
import type { StatusCode } from '../http/refusal/status.ts'

/** Who comes without an identity, or with an unknown one, or when the store is away, hears so everywhere. */
const ALWAYS: readonly StatusCode[] = [401, 403, 503]
const OF_A_BODY: readonly StatusCode[] = [400, 413, 415]
const OF_PATHS: readonly StatusCode[] = [400]

/** What an operation may refuse with, in order. */
export function refusalsOf({ body, path, pageAfter, refuses }: Operation): readonly StatusCode[] {
  const all = new Set([
    ...ALWAYS,
    ...(body === undefined ? [] : OF_A_BODY),
    ...(path.includes('{') || pageAfter !== undefined ? OF_PATHS : []),
    ...refuses,
  ])
  return [...all].toSorted((one, other) => one - other)
}

export const SAYS = {
  400: 'What was sent is not what the description says.',
  401: 'No identity token, or none that is believed.',
  403: 'Not for this caller, or not by the policy.',
  404: 'There is no such thing, or it is not for this caller to see.',
  405: 'Not by this method.',
  409: 'Not as it stands at the moment.',
  413: 'Too much.',
  415: 'The body is not application/json.',
  429: 'Too often.',
  503: 'Nothing was done: something that it needs is away, or was stopped a moment ago.',
} as const satisfies Record<StatusCode, string>

/** Those that say in a header when to come again, where that is known. */
export const IN_A_WHILE: ReadonlySet<StatusCode> = new Set([429, 503])
