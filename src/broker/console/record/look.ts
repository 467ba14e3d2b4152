import type { Row } from '../../../record/queries/cells.ts'
import type { ConsoleQuery, ConsoleRecord } from './record.ts'

/** A part of a list, or why there is none. */
export type Listed<T> =
  | { readonly kind: 'rows'; readonly items: readonly T[]; readonly more: boolean }
  | { readonly kind: 'none'; readonly why: string }

/** Rows on one page. */
export const PAGE = 100

const NO_WAY = 'The broker was given no way to the record.'

export async function look<T>(
  record: ConsoleRecord | null,
  name: ConsoleQuery,
  params: Readonly<Record<string, string>>,
  toItem: (row: Row) => T,
): Promise<Listed<T>> {
  const told = record === null ? { kind: 'none' as const, why: NO_WAY } : await record.ask(name, params)
  return told.kind === 'none' ? told : { kind: 'rows', items: told.rows.map(toItem), more: false }
}

/** The part of a long list that begins after so many rows. */
export async function lookAtPage<T>(
  record: ConsoleRecord | null,
  name: ConsoleQuery,
  params: Readonly<Record<string, string>>,
  { skip, toItem }: { readonly skip: number; readonly toItem: (row: Row) => T },
): Promise<Listed<T>> {
  const listed = await look(record, name, { ...params, most: String(PAGE + 1), skip: String(skip) }, toItem)
  if (listed.kind === 'none') return listed
  return { kind: 'rows', items: listed.items.slice(0, PAGE), more: listed.items.length > PAGE }
}
