import type { Rule } from '../../lease/lease.ts'

/** One kind of request that was allowed, as the record has it. */
export interface Use {
  readonly verb: string
  readonly apiGroup: string
  /** `pods`, `pods/exec`; '' for a URL. */
  readonly resource: string
  readonly namespace: string
  /** '' where none was said: a list, a create. */
  readonly name: string
  /** '' for a resource. */
  readonly url: string
  /** Of exec, as recorded: credentials in it are masked. */
  readonly command: readonly string[]
  readonly stdin: boolean
  /** The rules that together covered it, each with what it was needed for; no verbs: for the one on record. */
  readonly covered: readonly { readonly rule: Rule; readonly verbs: readonly string[] }[]
  readonly requests: number
  /** What stands in the places of its template's rules; not there where nobody knows. */
  readonly parameters?: Readonly<Record<string, string>>
}
