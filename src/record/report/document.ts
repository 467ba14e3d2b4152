/** A page of text before it is HTML or Markdown: what it says is decided here, how it looks there. */
export interface Document {
  readonly title: Line
  /** Whose page it is, and of when; one line. */
  readonly about: Line
  readonly sections: readonly Section[]
  /** What is not in it. */
  readonly foot: readonly Line[]
}

export interface Section {
  readonly title: string
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | { readonly kind: 'items'; readonly items: readonly Item[] }
  | { readonly kind: 'note'; readonly line: Line }

export interface Fact {
  readonly name: string
  readonly value: Line
}

export interface Figure {
  readonly count: number
  readonly name: string
  readonly tone: Tone
}

/** One thing that happened, or that was met. */
export interface Item {
  /** Epoch milliseconds. */
  readonly at: number | null
  readonly mark: Mark | null
  readonly line: Line
  /** What ran, each as it is kept. */
  readonly ran: readonly string[]
  readonly changes: readonly Difference[]
  readonly details: readonly Line[]
}

/** One word that is seen without its colour. */
export interface Mark {
  readonly word: string
  readonly tone: Tone
}

export type Tone = 'plain' | 'good' | 'bad' | 'asked'

export interface Difference {
  readonly path: string
  readonly kind: string
  /** Null: there was none, or it is not on record. */
  readonly before: string | null
  readonly after: string | null
  readonly hidden: boolean
}

/** Our own words, and what others wrote, which must act nowhere. */
export type Line = readonly (string | Said)[]

export interface Said {
  readonly said: string
}

export function said(text: string): Said {
  return { said: text }
}
