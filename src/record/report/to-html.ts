import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Block, Difference, Document, Item, Line, Section } from './document.ts'
import { Html, html } from './html.ts'
import { shownLine, shownLines } from './shown-words.ts'
import { timeText } from './times.ts'

const STYLE = readFileSync(new URL('report.css', import.meta.url), 'utf8')

/**
 * One file that asks for nothing: no script, no picture, no link. Its policy lets in one style, known by its hash, so that what an agent wrote
 * could not act even if it were ever taken for markup.
 */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

export function toHtml({ title, about, sections, foot }: Document): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${POLICY}">
  <meta name="referrer" content="no-referrer">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title.map(textOf).join('')}</title>
  <style>${new Html(STYLE)}</style>
</head>
<body>
<header>
  <h1>${line(title)}</h1>
  <p>${line(about)}</p>
</header>
<main>
${sections.map(section)}</main>
<footer>${foot.map(each => html`<p>${line(each)}</p>`)}</footer>
</body>
</html>
`
  return page.text
}

function section({ title, blocks }: Section): Html {
  return html`<section>
<h2>${title}</h2>
${blocks.map(block)}</section>
`
}

function block(one: Block): Html {
  switch (one.kind) {
    case 'figures':
      return html`<ul class="figures">${one.figures.map(
        ({ count, name, tone }) => html`<li class="${tone}"><b>${count}</b> ${name}</li>`,
      )}</ul>
`
    case 'facts':
      return html`<dl>${one.facts.map(({ name, value }) => html`<div class="fact"><dt>${name}</dt><dd>${line(value)}</dd></div>`)}</dl>
`
    case 'items':
      return html`<ol class="items">
${one.items.map(item)}</ol>
`
    case 'note':
      return html`<p class="note">${line(one.line)}</p>
`
  }
}

function item({ at, mark, line: what, ran, changes, details }: Item): Html {
  return html`<li class="${at === null && mark === null ? 'plain' : 'event'}">${at === null ? '' : html`<time datetime="${new Date(at).toISOString()}">${timeText(at).slice(0, 19)}</time>`}
${mark === null ? html`<span></span>` : html`<span class="mark ${mark.tone}">${mark.word}</span>`}
<div><p>${line(what)}</p>${ran.map(each => html`<pre>${shownLines(each)}</pre>`)}${changes.length === 0 ? '' : html`<ul class="changes">${changes.map(change)}</ul>`}${details.map(each => html`<p class="detail">${line(each)}</p>`)}</div></li>
`
}

function change({ path, kind, before, after, hidden }: Difference): Html {
  const del = before === null ? '' : html`<del>${shownLines(before)}</del>`
  const ins = after === null ? '' : html`<ins>${shownLines(after)}</ins>`
  return html`<li class="change"><span class="kind">${shownLine(kind)}</span> <code>${shownLine(path)}</code>${hidden ? html` <em>the value is not shown</em>` : ''}${del}${ins}</li>`
}

function textOf(piece: Line[number]): string {
  return typeof piece === 'string' ? piece : shownLine(piece.said)
}

function line(pieces: Line): readonly Html[] {
  return pieces.map(piece => (typeof piece === 'string' ? html`${piece}` : html`<bdi>${shownLine(piece.said)}</bdi>`))
}
