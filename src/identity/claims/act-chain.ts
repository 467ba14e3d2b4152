import type { Actor } from '../../lease/lease.ts'
import { SPONSOR_NAME } from '../../policy/file/values/words.ts'

/** Each hands the token on; nobody has so many in between. */
const LONGEST = 8

/**
 * Who acts for the subject of a token, and for whom they act in turn, the last one first (RFC 8693, 4.1). Empty where it is the subject itself; null
 * where it cannot be told: a chain of which a part is missing says nothing.
 */
export function actChain({ act }: Readonly<Record<string, unknown>>): readonly Actor[] | null {
  const chain: Actor[] = []
  for (let link: unknown = act; link !== undefined; link = (link as { readonly act?: unknown }).act) {
    const actor = toActor(link)
    if (actor === null || chain.length === LONGEST) return null
    chain.push(actor)
  }
  return chain
}

function toActor(link: unknown): Actor | null {
  if (typeof link !== 'object' || link === null || Array.isArray(link)) return null
  const { sub, iss } = link as { readonly sub?: unknown; readonly iss?: unknown }
  if (!isName(sub) || (iss !== undefined && !isName(iss))) return null
  return { subject: sub, ...(iss === undefined ? {} : { issuer: iss }) }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && SPONSOR_NAME.test(value)
}
