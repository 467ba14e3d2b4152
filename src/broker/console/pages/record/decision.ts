import { html } from 'hono/html'
import type { Html } from '../../words/text.ts'

const WORDS: Readonly<Record<string, string>> = {
  allow: 'allowed',
  deny: 'denied',
  pending: 'asked',
  none: 'not read',
}

/** What was decided, in one word that is seen without its colour. */
export function decisionMark(decision: string): Html {
  const word = WORDS[decision]
  return word === undefined ? html`<span class="mark"></span>` : html`<span class="mark ${decision}">${word}</span>`
}
