import { Hono } from 'hono'
import { isApprovalId } from '../../lease/lease-id.ts'
import { isAway } from '../../redis/redis-error.ts'
import { saidTo } from '../approvals/yeses.ts'
import { readPageQuery } from '../http/read-page-query.ts'
import { failureOf } from '../http/refusal/failure.ts'
import { recordRefusal } from '../http/refusal/record-refusal.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { ConsoleEnv, WithConsole } from './console-env.ts'
import { assetRoutes } from './http/assets.ts'
import { ownOrigin, safeHeaders } from './http/guard.ts'
import { doctorPage } from './pages/doctor.ts'
import { inboxPage } from './pages/inbox.ts'
import { page, plainPage } from './pages/layout.ts'
import { policyPage } from './pages/policy.ts'
import { problemPage } from './pages/problem.ts'
import { agentRoutes } from './routes/agent-routes.ts'
import { leaseRoutes } from './routes/lease-routes.ts'
import { questionRoutes } from './routes/question-routes.ts'
import { recordRoutes } from './routes/record-routes.ts'
import { signInRoutes } from './sign-in/sign-in-routes.ts'
import { signedIn } from './sign-in/signed-in.ts'

/** Questions are of use without who is held; that this is not known is said. */
function unlessPartAway(error: unknown): null {
  if (isAway(error)) return null
  throw error
}

/** What people see and do in a browser: the same parts, people, roles and refusals as the API, in pages. */
export function consoleApp(parts: WithConsole): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.use(safeHeaders())
  app.use(ownOrigin(parts.console.origin))
  app.route('/assets', assetRoutes())
  app.route('/', signInRoutes(parts))
  app.use(signedIn(parts))
  app.get('/', async context => {
    const [questions, holds] = await Promise.all([
      parts.approvals.pending({ agent: null, ...readPageQuery(context, isApprovalId), partial: true }, parts.clock()),
      parts.holds.list(parts.clock()).catch(unlessPartAway),
    ])
    const said = await saidTo(questions.items, parts)
    return page(context, 'Questions', inboxPage({ questions, said, holds, now: parts.clock() }))
  })
  app.get('/policy', context => page(context, 'Policy', policyPage(parts.policy())))
  app.get('/doctor', async context => {
    if (!context.var.principal.roles.includes('admin'))
      throw new StatusError(403, 'what is weak, and how it is mended, is for admins to see')
    return page(context, 'Health', doctorPage(await parts.console.doctor(), parts.clock()))
  })
  app.route('/approvals', questionRoutes(parts))
  app.route('/leases', leaseRoutes(parts))
  app.route('/agents', agentRoutes(parts))
  app.route('/', recordRoutes(parts))
  app.all('*', () => {
    throw new StatusError(404, 'the console has no such page')
  })
  app.onError(async (error, context) => {
    const failure = failureOf(error, parts.log)
    if (failure.code < 500)
      await recordRefusal({ req: context.req, principal: context.get('principal') }, failure, parts)
    const back = context.req.method === 'POST' ? context.req.path.replace(/\/(?:revoke|hold|release)$/, '') : null
    return plainPage(context, 'Not done', problemPage(failure.message, back), failure.code)
  })
  return app
}
