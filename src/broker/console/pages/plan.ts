import { html } from 'hono/html'
import type { Plan } from '../../../approval/plan/plan.ts'
import type { ShownPlan } from '../../approvals/approval-routes.ts'
import { ago, code, fact, type Html, said } from '../words/text.ts'

/** Of the form that answers. */
export const ANSWER_FORM = 'say'

/** What says which plan was seen stands with the plan: a page that takes in another one answers to that. */
export function planSection({ plan, planProblem }: ShownPlan, now: number): Html {
  if (plan === null) return html`<section><h2>Plan</h2><p class="note">No plan: ${said(planProblem)}</p></section>`
  const { summary, facts, notes, cut, madeAt } = plan
  return html`<section>
    <h2>Plan <small>tried ${ago(madeAt, now)}</small></h2>
    <input type="hidden" name="plan" value="${madeAt}" form="${ANSWER_FORM}">
    <p class="lead">${said(summary)}</p>
    ${notes.map(note => html`<p class="note">${said(note)}</p>`)}
    ${facts.length === 0 ? '' : html`<dl>${facts.map(({ name, value }) => fact(name, said(value)))}</dl>`}
    ${changes(plan)}${affected(plan)}
    ${cut.map(({ what, missing }) => html`<p class="note">${missing} more ${said(what)} are not shown here</p>`)}
  </section>`
}

function changes({ changes }: Plan): Html | '' {
  if (changes.length === 0) return ''
  return html`<ul class="changes">${changes.map(
    ({ path, kind, before, after, hidden, anew }) => html`<li class="${kind}">
      <span><span class="kind">${kind}</span> ${code(path)}</span>
      ${anew ? html`<em>set anew at each write</em>` : ''}
      ${hidden ? html`<em>the value is not shown</em>` : ''}
      ${before === undefined ? '' : html`<del>${said(before)}</del>`}
      ${after === undefined ? '' : html`<ins>${said(after)}</ins>`}
    </li>`,
  )}</ul>`
}

function affected({ affected, counts }: Plan): Html | '' {
  if (affected.length + counts.length === 0) return ''
  return html`<h3>What goes with it</h3>
    <ul class="plain">
      ${counts.map(({ kind, count }) => html`<li>${count} ${said(kind)}</li>`)}
      ${affected.map(
        ({ kind, namespace, name, detail = '' }) =>
          html`<li>${said(kind)} ${code(namespace === '' ? name : `${namespace}/${name}`)} ${said(detail)}</li>`,
      )}
    </ul>`
}
