/** A body, or part of one, that is not read. `why` ends the sentence "the body cannot be read: …", in our own words alone. */
export interface Unreadable {
  readonly kind: 'unreadable'
  readonly why: string
}

/** What came of reading a text. */
export type Parsed = { readonly kind: 'ok'; readonly value: unknown } | Unreadable

export function unreadable(why: string): Unreadable {
  return { kind: 'unreadable', why }
}
