/** What the help of a command says below its options. */
export interface CommandHelp {
  /** As somebody types them, without `leasegate ` before. */
  readonly examples: readonly string[]
  /** What its exit codes mean where that is not the usual; null: it never ends with that one. */
  readonly exits?: Readonly<Partial<Record<Ending, string | null>>>
}

export type Ending = 'done' | 'refused' | 'usage' | 'unavailable'
