import { html } from 'hono/html'
import { RISKS } from '../../../policy/risk/risks.ts'
import { type Html, said } from './text.ts'

/** `high  changes what runs in pods`, and the name of the rule; one that the catalogue no longer has is named alone. */
export function riskLine(id: string): Html {
  const entry = RISKS.find(one => one.id === id)
  if (entry === undefined) return html`<span class="risk">${said(id)}</span>`
  return html`${tier(entry.tier)} ${entry.why} <small>${id}</small>`
}

/** For lists: what it is in few words. */
export function riskMark(id: string): Html {
  const entry = RISKS.find(one => one.id === id)
  return entry === undefined
    ? html`<span class="risk">${said(id)}</span>`
    : html`${tier(entry.tier)} <span>${entry.why}</span>`
}

function tier(name: string): Html {
  return html`<span class="risk ${name === 'high' || name === 'critical' ? 'high' : ''}">${name}</span>`
}
