import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'

const MAX_BODY = 4096
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
} as const

/** Who may sign in. */
export interface Known {
  readonly people: readonly string[]
  /** Of all of them, for as long as this runs. */
  readonly password: string
}

/** Asks who it is. The provider knows by a cookie which sign-in this is about; without it this fails. */
export async function signInForm(
  provider: Provider,
  known: Known,
  request: IncomingMessage,
  response: ServerResponse<IncomingMessage>,
): Promise<void> {
  await provider.interactionDetails(request, response)
  if (request.method !== 'POST') return void response.writeHead(200, HEADERS).end(form(known, ''))
  const { name, password } = Object.fromEntries(new URLSearchParams(await readBody(request)))
  if (name === undefined || !known.people.includes(name) || !isSame(password ?? '', known.password))
    return void response.writeHead(401, HEADERS).end(form(known, 'This is not the password.'))
  // Who says who they are agrees to what they came for.
  await provider.interactionFinished(request, response, { login: { accountId: name }, consent: {} })
}

/** Names are those of the edition, which are letters and digits. */
function form({ people }: Known, problem: string): string {
  const options = people.map(name => `<option>${name}</option>`).join('')
  return signInPage(`<p>The identity provider of this machine. It stands in for your company’s.</p><p role="alert">${problem}</p>
<form method="post"><label for="name">Who</label><select id="name" name="name">${options}</select>
<label for="password">Password, as the terminal says</label><input id="password" name="password" type="password" autocomplete="off" required autofocus>
<button>Sign in</button></form>`)
}

export function signInPage(content: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Sign in</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:12vh auto;padding:0 1rem}label{display:block;margin:1rem 0 .3rem}
select,input,button{width:100%;padding:.5rem;font:inherit}button{margin-top:1.2rem}</style>
<h1>Sign in</h1>${content}</html>`
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_BODY) throw new Error('the form is too long')
  }
  return text
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
