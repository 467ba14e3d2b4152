import { html } from 'hono/html'
import type { Approval } from '../../../approval/approval.ts'
import type { Whole } from '../../../approval/question/whole.ts'
import { code, fact, type Html, said } from '../words/text.ts'

/** Where there is more of a body than the question has room for: it is on a page of its own while the question is open. */
export function wholeLink({ id, state, question }: Approval): Html | '' {
  const isCut = question.bodyCut.startsWith('first ') || question.facts.some(line => /^and \d+ more fields/.test(line))
  return isCut && state === 'pending'
    ? html`<p><a href="/console/approvals/${id}/body">All of the body, every field</a></p>`
    : ''
}

/** All of it, read again from what was sent: the very bytes of the digest. `whole` is a text where there is nothing to show. */
export function wholePage({ id, digest, question }: Approval, whole: Whole | string): Html {
  const head = html`<p class="crumb"><a href="/console/approvals/${id}">The question</a></p>
    <h1>All of the body</h1>
    <dl class="facts">
      ${fact('Request', code(`${question.method} ${question.target}`))}
      ${fact('SHA-256', code(question.bodySha256))}
      ${fact('Digest', code(digest))}
    </dl>`
  if (typeof whole === 'string') return html`${head}<p class="note">Not shown: ${said(whole)}.</p>`
  return html`${head}
    <section><h2>Every field</h2><ul class="lines">${whole.facts.map(line => html`<li>${code(line)}</li>`)}</ul></section>
    <section><h2>The body</h2><pre tabindex="0" aria-label="Body">${whole.body.split('\n').map(line => html`${said(line)}\n`)}</pre></section>`
}
