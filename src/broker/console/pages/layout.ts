import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ConsoleEnv } from '../console-env.ts'
import { FORM_TOKEN } from '../http/read-form.ts'
import { type Html, said } from '../words/text.ts'

const PLACES: readonly (readonly [path: string, name: string, forAdmins?: true])[] = [
  ['/console', 'Questions'],
  ['/console/leases', 'Leases'],
  ['/console/agents', 'Agents'],
  ['/console/sessions', 'Sessions'],
  ['/console/activity', 'Activity'],
  ['/console/policy', 'Policy'],
  ['/console/doctor', 'Health', true],
]

/** A page of somebody who signed in. Asked for again by script, it comes only when it is another one. */
export async function page(context: Context<ConsoleEnv>, title: string, content: Html): Promise<Response> {
  const { principal } = context.var
  const here = PLACES.findLast(([path]) => context.req.path === path || context.req.path.startsWith(`${path}/`))?.[0]
  const places = PLACES.filter(([, , forAdmins]) => forAdmins !== true || principal.roles.includes('admin'))
  const links = places.map(([path, name]) => {
    const current = path === here ? html` aria-current="page"` : ''
    return html`<li><a href="${path}"${current}>${name}</a></li>`
  })
  const header = html`
    <nav aria-label="Console"><ul>${links}</ul></nav>
    <form class="who" method="post" action="/console/sign-out" aria-label="Session">
      ${formToken(context)}
      <span>${said(principal.name)} <small>${principal.roles.join(', ')}</small></span>
      <button>Sign out</button>
    </form>`
  const text = String(await document(title, header, content, true))
  const tag = `"${createHash('sha256').update(withoutAges(text)).digest('base64url')}"`
  context.header('etag', tag)
  if (context.req.header('if-none-match') === tag) return context.body(null, 304)
  return context.html(text)
}

/** How long ago something was is no news: script counts on by itself. */
function withoutAges(text: string): string {
  return text.replaceAll(/>[^<]*<\/time>/g, '></time>')
}

/** A page for anybody, with nothing of anybody's in it. */
export async function plainPage(
  context: Context,
  title: string,
  content: Html,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  return context.html(String(await document(title, html``, content, false)), status)
}

export function formToken(context: Context<ConsoleEnv>): Html {
  return html`<input type="hidden" name="${FORM_TOKEN}" value="${context.var.session.formToken}">`
}

function document(title: string, header: Html, content: Html, isLive: boolean): Html {
  // Where there is no script, the page asks for itself again.
  const again = isLive ? html`<noscript><meta http-equiv="refresh" content="15"></noscript>` : ''
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · Leasegate</title>
  <link rel="icon" href="/console/assets/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/console/assets/console.css">
  <link rel="stylesheet" href="/console/assets/record.css">
  ${isLive ? html`<script src="/console/assets/console.js" defer></script>` : ''}
  ${again}
</head>
<body>
  <a class="skip" href="#main">To the content</a>
  <header><a class="brand" href="/console"><img src="/console/assets/icon.svg" alt="" width="24" height="24"> Leasegate</a>${header}</header>
  <p id="news" role="status"></p>
  <main id="main" tabindex="-1">${content}</main>
</body>
</html>
`
}
