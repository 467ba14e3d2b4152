import { html } from 'hono/html'
import { printable } from '../../../support/text/printable.ts'
import { timeLeft } from '../../../support/time/time-left.ts'

export type Html = ReturnType<typeof html>

/**
 * Text that others wrote, or that holds some: nothing in it changes what stands beside it. Escaped as any text, what would not be seen
 * is seen, and its direction ends with it.
 */
export function said(text: string): Html {
  return html`<bdi>${printable(text)}</bdi>`
}

/** The same, to be read letter by letter. */
export function code(text: string): Html {
  return html`<code>${said(text)}</code>`
}

/** In the reader's zone where there is script, else as it is here. */
export function at(ms: number): Html {
  const iso = new Date(ms).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`
}

/** `14m left`, kept up to date where there is script. */
export function left(ms: number, now: number): Html {
  const text = timeLeft(ms, now)
  return html`<time datetime="${new Date(ms).toISOString()}" data-left>${text === 'ended' ? text : `${text} left`}</time>`
}

/** `3m ago`. */
export function ago(ms: number, now: number): Html {
  const text = timeLeft(now, ms)
  return html`<time datetime="${new Date(ms).toISOString()}" data-ago>${text === 'ended' ? 'now' : `${text} ago`}</time>`
}

/** One line of a list of facts; nothing where there is nothing to say. */
export function fact(name: string, value: Html | string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

/** A part of the page that changes by itself: script takes the new one in when its version is another. */
export function live(id: string, version: string, content: Html): Html {
  return html`<div id="${id}" data-live="${version}">${content}</div>`
}

/** Above a list that lacks what these partitions of the store have. */
export function notAll(missing: readonly string[]): Html | '' {
  return missing.length === 0
    ? ''
    : html`<p class="note" role="alert">This is not all: ${missing.join(', ')} of the store ${missing.length === 1 ? 'does' : 'do'} not answer, and what is there is missing here.</p>`
}

/** Of a list whose lines are within a day: the time alone, in the reader's zone where there is script. */
export function clock(ms: number): Html {
  const iso = new Date(ms).toISOString()
  return html`<time datetime="${iso}" data-clock>${iso.slice(11, 19)} UTC</time>`
}

/** `7 ms`, `1.4 s`, `3m`. */
export function took(ms: number): string {
  if (ms < 1000) return `${ms} ms`
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : timeLeft(ms, 0)
}

/** The hour that begins then. */
export function hour(ms: number): Html {
  const iso = new Date(ms).toISOString()
  return html`<time datetime="${iso}" data-hour>${iso.slice(11, 16)} UTC</time>`
}
