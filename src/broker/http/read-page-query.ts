import type { Context } from 'hono'
import type { PageOf } from '../../lease/lease-store.ts'
import { StatusError } from './refusal/status.ts'

export const PAGE_LIMIT = { most: 200, usual: 100 } as const

/** `?after=ID&limit=N`: which part of a list is wanted; `&partial=yes`: rather what is there than nothing. */
export function readPageQuery(context: Context, isId: (text: string) => boolean): Omit<PageOf, 'agent'> {
  const { after = '', limit = String(PAGE_LIMIT.usual), partial } = context.req.query()
  if (partial !== undefined && partial !== 'yes') throw new StatusError(400, 'partial: must be yes, or not there')
  if (after !== '' && !isId(after)) throw new StatusError(400, 'after: must be an id out of the list')
  const count = /^\d{1,3}$/.test(limit) ? Number(limit) : 0
  if (count < 1 || count > PAGE_LIMIT.most)
    throw new StatusError(400, `limit: must be a number from 1 to ${PAGE_LIMIT.most}`)
  return { after, limit: count, partial: partial === 'yes' }
}
