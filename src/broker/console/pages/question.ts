import { html } from 'hono/html'
import { describeAgain } from '../../../approval/again.ts'
import type { Approval } from '../../../approval/approval.ts'
import { describeSaid } from '../../../approval/people/groups.ts'
import { countEscapes } from '../../../support/text/shown-text.ts'
import type { ShownPlan } from '../../approvals/approval-routes.ts'
import type { MayAnswer } from '../../approvals/may-answer.ts'
import type { ShownYes } from '../../approvals/yeses.ts'
import { riskLine } from '../words/risk.ts'
import { ago, at, code, fact, type Html, left, live, said } from '../words/text.ts'
import { ANSWER_FORM, planSection } from './plan.ts'
import { wholeLink } from './whole.ts'

export interface ShownQuestion {
  readonly approval: Approval
  readonly planned: ShownPlan
  readonly may: MayAnswer
  /** Whether a yes of theirs would count; who may answer may say no in any case. */
  readonly mayYes: MayAnswer
  readonly yeses: readonly ShownYes[]
  readonly token: Html
  readonly now: number
}

/** One question with everything that the answer is bound to. */
export function questionPage(shown: ShownQuestion): Html {
  const { approval, planned, now } = shown
  const { question, again } = approval
  const { summary, facts, agent, delegatedBy, sponsor, task, lease } = question
  return html`<p class="crumb"><a href="/console">Questions</a></p>
    <h1><code>${said(summary)}</code></h1>
    ${again === null ? '' : html`<p class="note">Asked again: ${said(describeAgain(again))}.</p>`}
    ${escapesNote([summary, ...facts, question.bodyPreview])}
    <dl class="facts">
      ${fact('Risk', riskLine(question))}
      ${fact('Agent', html`<a href="/console/agents/${agent}">${said(agent)}</a>${delegatedBy === undefined ? '' : html`, by a lease from ${said(delegatedBy)},`}${sponsor === '' ? '' : html` for ${said(sponsor)}`}`)}
      ${fact('It says', html`<q>${said(task)}</q> <small>the agent’s own words, checked by nobody</small>`)}
      ${fact('Lease', html`<a href="/console/leases/${lease}">${code(lease)}</a>`)}
      ${fact('Asked', html`${ago(approval.askedAt, now)} <small>${at(approval.askedAt)}</small>`)}
    </dl>
    ${live('plan', String(planned.plan?.madeAt ?? planned.planProblem), planSection(planned, now))}
    ${bytesSection(approval)}
    ${live('answer', [approval.state, ...shown.yeses.map(({ by }) => by)].join(' '), answerSection(shown))}`
}

/** The request as it runs. */
function bytesSection(approval: Approval): Html {
  const { digest, question, members, batch } = approval
  const { method, target, contentType, bodyBytes, bodySha256, bodyPreview, bodyCut, facts } = question
  const body = bodyBytes === 0 ? 'none' : html`${bodyBytes} bytes ${said(contentType)}`
  return html`<section>
    <h2>Exactly this</h2>
    ${facts.length === 0 ? '' : html`<ul class="lines">${facts.map(factLine)}</ul>`}
    <dl>
      ${members === undefined ? [fact('Request', code(`${method} ${target}`)), fact('Body', body)] : fact('Requests', membersList(members))}
      ${batch === undefined ? '' : fact('Answered with', html`<a href="/console/approvals/${batch}">${code(batch)}</a>`)}
      ${bodyBytes === 0 ? '' : fact('SHA-256', code(bodySha256))}
      ${fact('Digest', code(digest))}
    </dl>
    ${bodyPreview === '' ? '' : html`<details open><summary>Body</summary><pre tabindex="0" aria-label="Body">${bodyPreview.split('\n').map(line => html`${said(line)}\n`)}</pre></details>`}
    ${bodyCut === '' ? '' : html`<p class="note">${said(bodyCut)}</p>`}
    ${wholeLink(approval)}
  </section>`
}

/** Of several requests each has a page of its own, with its body. */
function membersList(members: readonly string[]): Html {
  return html`${members.map((id, index) => html`<a href="/console/approvals/${id}">(${index + 1})</a> `)} <small>each bound by itself, and usable once</small>`
}

/** Those that reach out of the pod, or to credentials, begin with a mark. */
function factLine(text: string): Html {
  return text.startsWith('! ')
    ? html`<li class="high"><strong>reaches further</strong> ${code(text.slice(2))}</li>`
    : html`<li>${code(text)}</li>`
}

function escapesNote(texts: readonly string[]): Html | '' {
  const count = countEscapes(texts)
  if (count === 0) return ''
  return html`<p class="note warn">${count} signs in this request would not be seen, or pass for others. They are written as <code>\\u{…}</code>.</p>`
}

function answerSection(shown: ShownQuestion): Html {
  const { approval, may, mayYes, token, now } = shown
  const { id, state, digest, decidedBy, why, endsAt } = approval
  if (state !== 'pending' && state !== 'approved')
    return html`<section class="answer"><h2>Answer</h2><p class="state ${state}">${outcome(state, decidedBy)}</p>${whyLine(why)}</section>`
  const open =
    state === 'pending'
      ? html`<p>Waits for an answer: ${left(endsAt, now)}.</p>${yesList(shown)}`
      : html`<p class="state approved">${outcome(state, decidedBy)} ${approval.lasting === undefined ? 'Can be used once' : 'For this verb on this object until the lease ends'}, ${left(endsAt, now)}.</p>${whyLine(why)}`
  if (approval.batch !== undefined)
    return html`<section class="answer"><h2>Answer</h2>${open}<p class="note">It is one of several requests, which are <a href="/console/approvals/${approval.batch}">answered together</a>.</p></section>`
  if (may.kind === 'no')
    return html`<section class="answer"><h2>Answer</h2>${open}<p class="note">${said(may.message)}</p></section>`
  return html`<section class="answer">
    <h2>Answer</h2>
    ${open}
    <form id="${ANSWER_FORM}" method="post" action="/console/approvals/${id}" aria-label="Answer">
      ${token}
      ${state === 'pending' && mayYes.kind === 'no' ? html`<p class="note">${said(mayYes.message)}</p>` : ''}
      <input type="hidden" name="digest" value="${digest}">
      <label for="reason">Reason, for the agent to read</label>
      <textarea id="reason" name="reason" rows="2" maxlength="500"></textarea>
      <p class="buttons">
        ${state === 'pending' && mayYes.kind === 'yes' ? html`<button class="yes" name="verdict" value="approved">Approve exactly this, once</button>` : ''}
        <button class="no" name="verdict" value="rejected">${state === 'pending' ? 'Reject' : 'Take the yes back'}</button>
      </p>
    </form>
  </section>`
}

/** Who said yes so far, where one is not enough. */
function yesList({ approval, yeses, now }: ShownQuestion): Html | '' {
  const { quorum } = approval.question
  if (quorum === undefined) return ''
  const lines = yeses.map(
    ({ by, at, why }) => html`<li>${said(by)}, ${ago(at, now)}${why === '' ? '' : html`: <q>${said(why)}</q>`}</li>`,
  )
  return html`<p class="state pending">${said(describeSaid(yeses.length, quorum))}.</p>${lines.length === 0 ? '' : html`<ul class="lines">${lines}</ul>`}`
}

function outcome(state: Approval['state'], by: string): Html {
  const who = by === '' ? '' : html` by ${said(by)}`
  switch (state) {
    case 'pending':
      return html`Open`
    case 'approved':
      return html`Approved${who}.`
    case 'rejected':
      return html`Rejected${who}.`
    case 'used':
      return html`Approved${who}, and used.`
    case 'withdrawn':
      return html`Taken back${who}, which asked it.`
    case 'expired':
      return html`Its time is over.`
  }
}

function whyLine(why: string): Html | '' {
  return why === '' ? '' : html`<p>Reason: <q>${said(why)}</q></p>`
}
