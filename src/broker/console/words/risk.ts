import { html } from 'hono/html'
import type { Question } from '../../../approval/question/question.ts'
import { type Html, said } from './text.ts'

type Risky = Pick<Question, 'risk' | 'tier' | 'why'>

/** `high  changes what runs in pods`, and the name of the rule, as the question had them; one without words is named alone. */
export function riskLine({ risk, tier, why }: Risky): Html {
  return why === '' ? html`${mark(tier)} ${said(risk)}` : html`${mark(tier)} ${said(why)} <small>${said(risk)}</small>`
}

/** For lists: what it is in few words. */
export function riskMark({ risk, tier, why }: Risky): Html {
  return html`${mark(tier)} <span>${said(why === '' ? risk : why)}</span>`
}

function mark(tier: string): Html | string {
  return tier === ''
    ? ''
    : html`<span class="risk ${tier === 'high' || tier === 'critical' ? 'high' : ''}">${tier}</span>`
}
