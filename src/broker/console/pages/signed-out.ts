import { html } from 'hono/html'
import type { Html } from '../words/text.ts'

/** `end`: where the identity provider ends its own session, if it has such a place. */
export function signedOutPage(end: string | null): Html {
  const provider =
    end === null
      ? ''
      : html`<p>Your identity provider still knows you. <a href="${end}" rel="noreferrer">End its session too</a>.</p>`
  return html`<h1>Signed out</h1>
    <p><a class="button" href="/console/sign-in">Sign in</a></p>
    ${provider}`
}
