import type { ReadRequest, Refusal } from './api-request.ts'

export type Refused = Extract<ReadRequest, { readonly kind: 'refused' }>

/** `detail` is shown to the client and recorded: it names the offending part (a header, a query key, a byte), never a value. */
export function refuse(reason: Refusal, detail: string): Refused {
  return { kind: 'refused', reason, detail }
}
