import { Hono, type MiddlewareHandler } from 'hono'
import { approvalRoutes } from './approvals/approval-routes.ts'
import { batchRoutes } from './batches/batch-routes.ts'
import { consoleApp } from './console/console.ts'
import { holdRoutes } from './holds/hold-routes.ts'
import { authenticate } from './http/caller/authenticate.ts'
import { serveOperation } from './http/operation.ts'
import { failureOf } from './http/refusal/failure.ts'
import { recordRefusal } from './http/refusal/record-refusal.ts'
import { StatusError, toStatus } from './http/refusal/status.ts'
import { leaseRoutes } from './leases/lease-routes.ts'
import { openapiText } from './openapi/document.ts'
import type { BrokerEnv, BrokerParts } from './parts.ts'
import { askers } from './requests/ask-record.ts'
import { requestRoutes } from './requests/request-routes.ts'
import { sessionRoutes } from './sessions/session-routes.ts'
import { watchRoutes } from './sessions/watch-routes.ts'
import { stopRoutes } from './stops/stop-routes.ts'
import { whereToLogIn } from './where-to-login.ts'
import { whoami } from './whoami.ts'
import { WHOAMI } from './whoami-operation.ts'

/** The broker's HTTP API. Speaks Request and Response; `serve` puts it on a socket. */
export function brokerApp(parts: BrokerParts, count?: MiddlewareHandler): Hono<BrokerEnv> {
  const app = new Hono<BrokerEnv>()
  if (count !== undefined) app.use(count)
  app.use(async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
    context.header('x-content-type-options', 'nosniff')
  })
  app.get('/healthz', context => context.text('ok'))
  app.get('/readyz', async context => {
    const missing = await parts.unready().catch(() => 'the store does not answer')
    return missing === null ? context.text('ok') : context.text(missing, 503)
  })
  // What the API is like is no secret: it is the same for everybody, and published.
  app.get('/openapi.json', context => context.body(openapiText(), 200, { 'content-type': 'application/json' }))
  app.get('/login', context => context.json(whereToLogIn(parts.policy())))
  app.use('/v1/*', authenticate(parts))
  serveOperation(app, WHOAMI, ({ principal }) => whoami(principal, parts))
  const oneByOne = askers()
  for (const some of [leaseRoutes, requestRoutes]) app.route('/', some(parts, oneByOne))
  const routes = [batchRoutes, watchRoutes, holdRoutes, stopRoutes, sessionRoutes, approvalRoutes]
  for (const some of routes) app.route('/', some(parts))
  const { console } = parts
  if (console !== null) {
    app.route('/console', consoleApp({ ...parts, console }))
    app.get('/', context => context.redirect('/console', 303))
  }
  app.notFound(context => context.json(toStatus(new StatusError(404, 'the broker has nothing under this path')), 404))
  app.onError(async (error, context) => {
    const failure = failureOf(error, parts.log)
    if (failure.code < 500)
      await recordRefusal({ req: context.req, principal: context.get('principal') }, failure, parts)
    if (failure.retryAfter !== null) context.header('retry-after', String(failure.retryAfter))
    if (failure.code === 401) context.header('www-authenticate', 'Bearer')
    return context.json(toStatus(failure), failure.code)
  })
  return app
}
