/** What came of reading untrusted text. The message says what is wanted instead; it never repeats the text. */
export type Parsed<T> = { readonly kind: 'ok'; readonly value: T } | Problem

export interface Problem {
  readonly kind: 'problem'
  readonly message: string
}

export function ok<T>(value: T): Parsed<T> {
  return { kind: 'ok', value }
}

export function problem(message: string): Problem {
  return { kind: 'problem', message }
}
