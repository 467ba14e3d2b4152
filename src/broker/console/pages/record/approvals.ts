import { html } from 'hono/html'
import type { Approval } from '../../../../approval/approval.ts'
import { isApprovalId } from '../../../../lease/lease-id.ts'
import type { Answered } from '../../record/approvals.ts'
import type { Listed } from '../../record/look.ts'
import { at, code, type Html, left, said } from '../../words/text.ts'

/** What waits, by the store, and what was answered, by the record. */
export function approvalList(waiting: readonly Approval[], listed: Listed<Answered>, now: number): Html {
  const open = waiting.map(
    ({ id, question, endsAt }) =>
      html`<li>Waits for an answer, ${left(endsAt, now)}: <a href="/console/approvals/${id}">${code(question.summary)}</a></li>`,
  )
  const known = new Set(waiting.map(({ id }) => id))
  const done = listed.kind === 'none' ? [] : listed.items.filter(({ approval }) => !known.has(approval)).map(line)
  const nothing = listed.kind === 'none' ? 'Nothing waits.' : 'Nobody was asked.'
  return open.length + done.length === 0 ? html`<p>${nothing}</p>` : html`<ul class="plain">${open}${done}</ul>`
}

function line({ approval, question, askedAt, answer, answeredBy, usedAt }: Answered): Html {
  const what = isApprovalId(approval)
    ? html`<a href="/console/approvals/${approval}">${code(question)}</a>`
    : code(question)
  const who = answeredBy === '' ? '' : html` by ${said(answeredBy)}`
  const how =
    answer === ''
      ? html`Not answered`
      : html`<span class="state ${answer}">${answer === 'approved' ? 'Approved' : 'Rejected'}</span>${who}`
  return html`<li>${how}${usedAt === null ? '' : html`, used ${at(usedAt)}`}: ${what} ${askedAt === null ? '' : html`<small>asked ${at(askedAt)}</small>`}</li>`
}
