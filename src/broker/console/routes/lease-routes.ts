import { Hono } from 'hono'
import { isLeaseId } from '../../../lease/lease-id.ts'
import { readPageQuery } from '../../http/read-page-query.ts'
import { findLease, listLeases } from '../../leases/find-lease.ts'
import { endLease } from '../../leases/lease-routes.ts'
import type { ConsoleEnv, WithConsole } from '../console-parts.ts'
import { REVOKE, readForm } from '../http/read-form.ts'
import { formToken, page } from '../pages/layout.ts'
import { leasePage, leasesPage } from '../pages/leases.ts'
import { questionsOf } from './agent-routes.ts'

export function leaseRoutes(parts: WithConsole): Hono<ConsoleEnv> {
  return new Hono<ConsoleEnv>()
    .get('/', async context => {
      const leases = await listLeases(context.var.principal, readPageQuery(context, isLeaseId), parts)
      return page(context, 'Leases', leasesPage(leases, parts.clock()))
    })
    .get('/:id', async context => {
      const { principal } = context.var
      const known = await findLease(context.req.param('id'), principal, parts)
      const questions = await questionsOf(known.lease.agent, parts)
      const shown = {
        known,
        questions: questions.filter(({ lease }) => lease === known.lease.id),
        mayRevoke: principal.roles.includes('admin'),
        token: formToken(context),
        now: parts.clock(),
      }
      return page(context, known.lease.template, leasePage(shown))
    })
    .post('/:id/revoke', async context => {
      const id = context.req.param('id')
      await endLease(id, await readForm(context, REVOKE), context.var.principal, parts)
      return context.redirect(`/console/leases/${id}`, 303)
    })
}
