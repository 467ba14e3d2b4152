import { type Context, Hono } from 'hono'
import { SignInError } from '../../../identity/sign-in/sign-in.ts'
import { StatusError } from '../../http/refusal/status.ts'
import type { ConsoleEnv, WithConsole } from '../console-env.ts'
import { readForm, SIGN_OUT } from '../http/read-form.ts'
import { plainPage } from '../pages/layout.ts'
import { signedOutPage } from '../pages/signed-out.ts'
import { dropCookie, readCookie, writeCookie } from './cookies.ts'
import { signedIn } from './signed-in.ts'

const ATTEMPT_MS = 10 * 60_000
const MAX_QUERY = 8192

export const CALLBACK = '/console/signed-in'

export function signInRoutes(parts: WithConsole): Hono<ConsoleEnv> {
  const { sessions } = parts.console
  return new Hono<ConsoleEnv>()
    .get('/sign-in', context => begin(context, parts))
    .get('/signed-in', context => finish(context, parts))
    .get('/signed-out', async context => {
      const end = await parts.console.signIn.endUrl().catch(() => null)
      return plainPage(context, 'Signed out', signedOutPage(end))
    })
    .post('/sign-out', signedIn(parts), async context => {
      await readForm(context, SIGN_OUT)
      await sessions.end(readCookie(context, 'session'))
      dropCookie(context, 'session')
      return context.redirect('/console/signed-out', 303)
    })
}

async function begin(context: Context<ConsoleEnv>, { console: { signIn, sealAttempt }, clock, log }: WithConsole) {
  const { url, attempt } = await signIn.begin(pathOf(context.req.query('to'))).catch((error: unknown) => {
    throw toStatusError(error, log)
  })
  writeCookie(context, 'attempt', await sealAttempt({ ...attempt, endsAt: clock() + ATTEMPT_MS }), ATTEMPT_MS)
  return context.redirect(url, 303)
}

/** A new session with each sign-in; what the browser had before is over. */
async function finish(context: Context<ConsoleEnv>, parts: WithConsole) {
  const { signIn, sessions, sessionMs, openAttempt } = parts.console
  const attempt = await openAttempt(readCookie(context, 'attempt'))
  dropCookie(context, 'attempt')
  if (attempt === null || attempt.endsAt <= parts.clock())
    throw new StatusError(403, 'this browser began no sign-in, or it took too long; sign in again')
  const query = new URL(context.req.url).search
  if (query.length > MAX_QUERY) throw new StatusError(400, 'the identity provider sent back too much')
  const token = await signIn.finish(query, attempt).catch((error: unknown) => {
    throw toStatusError(error, parts.log)
  })
  const identified = await parts.identifier.identify(token)
  if (identified.kind === 'refused') {
    const code = identified.reason === 'unavailable' ? 503 : 403
    throw new StatusError(code, `you signed in, and are nobody here: ${identified.detail}`)
  }
  const { principal } = identified
  if (principal.kind !== 'person') throw new StatusError(403, 'the console is for people; agents have the API')
  await sessions.end(readCookie(context, 'session'))
  writeCookie(context, 'session', await sessions.start(principal.identity), sessionMs)
  parts.log.info({ person: principal.name }, 'signed in to the console')
  return context.redirect(attempt.to, 303)
}

/** Only ever a path of the console: whoever made a link says nothing about where it leads. */
function pathOf(to: string | undefined): string {
  return to !== undefined && to.length <= 300 && /^\/console(?:\/\w[\w.-]*)*$/.test(to) ? to : '/console'
}

function toStatusError(error: unknown, log: WithConsole['log']): unknown {
  if (!(error instanceof SignInError)) return error
  log.warn({ err: error.cause }, `sign-in: ${error.message}`)
  return new StatusError(error.code === 'unavailable' ? 503 : 403, error.message)
}
