import { html } from 'hono/html'
import { type Html, said } from '../words/text.ts'

export function problemPage(message: string, back: string | null): Html {
  return html`<h1>This was not done</h1>
    <p class="problem" role="alert">${said(message)}</p>
    <p>${back === null ? '' : html`<a class="button" href="${back}">Look at it again</a>`}
      <a class="button quiet" href="/console">To the questions</a>
      <a class="button quiet" href="/console/sign-in">Sign in again</a></p>`
}
