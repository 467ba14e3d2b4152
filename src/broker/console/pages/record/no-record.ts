import { html } from 'hono/html'
import { type Listed, PAGE } from '../../record/look.ts'
import type { Html } from '../../words/text.ts'

/** Why nothing of the record is here, and what asks it elsewhere. */
export function noRecord(why: string, ask: string): Html {
  return html`<p class="note">${why} <code>leasegate query ${ask}</code> asks it.</p>`
}

/** Where a list is, and how many of its rows came before. */
export interface Place {
  readonly path: string
  readonly skip: number
  /** More of the address: `&until=…`. */
  readonly rest?: string
}

/** To what comes before and after on other pages. */
export function moreLink({ path, skip, rest = '' }: Place, listed: Listed<unknown>): Html | '' {
  const more = listed.kind === 'rows' && listed.more
  if (skip === 0 && !more) return ''
  const before = Math.max(0, skip - PAGE)
  return html`<p class="buttons">
    ${skip === 0 ? '' : html`<a class="button quiet" href="${path}?skip=${before}${rest}">Before</a>`}
    ${more ? html`<a class="button quiet" href="${path}?skip=${skip + PAGE}${rest}">More</a>` : ''}
  </p>`
}
