/** Requests that belong together, so that one yes is for all of them: each is checked against it by itself. */
export type Series =
  /** Of one list, as it was at one moment, from its beginning to its end. `page`: null for the first. */
  | { readonly kind: 'pages'; readonly page: Page | null }
  /** Of what the API server may answer with "not now": 429 gives the yes back. */
  | { readonly kind: 'tries' }

export interface Page {
  /** The resource version that all pages of a list have. */
  readonly version: string
  /** Where it begins, hex, so that it sorts as the store sorts names. */
  readonly start: string
}

/** Most pages of one list, and most tries of one eviction. */
export const MOST_OF_SERIES = 100
