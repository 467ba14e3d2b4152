import { type Context, Hono } from 'hono'
import { isLeaseId } from '../../../lease/lease-id.ts'
import { readPageQuery } from '../../http/read-page-query.ts'
import { findLease, listLeases } from '../../leases/find-lease.ts'
import { endLease } from '../../leases/lease-routes.ts'
import { actOnLeases, mayActOnLeases } from '../../stops/stop-routes.ts'
import type { ConsoleEnv, WithConsole } from '../console-env.ts'
import { REVOKE, readForm, WHY } from '../http/read-form.ts'
import { readSkip } from '../http/read-place.ts'
import { formToken, page } from '../pages/layout.ts'
import { leasePage, leasesPage } from '../pages/leases.ts'
import { leaseApprovals } from '../record/approvals.ts'
import { leaseTimeline } from '../record/timeline.ts'
import { leasesOf, questionsOf } from './agent-routes.ts'

export function leaseRoutes(parts: WithConsole): Hono<ConsoleEnv> {
  return new Hono<ConsoleEnv>()
    .get('/', async context => {
      const leases = await listLeases(
        context.var.principal,
        { ...readPageQuery(context, isLeaseId), partial: true },
        parts,
      )
      return page(context, 'Leases', leasesPage(leases, parts.clock()))
    })
    .get('/:id', async context => {
      const { principal } = context.var
      const known = await findLease(context.req.param('id'), principal, parts)
      const { id, agent } = known.lease
      const { record } = parts.console
      const skip = readSkip(context)
      const [questions, leases, answered, timeline] = await Promise.all([
        questionsOf(agent, parts),
        leasesOf(agent, parts),
        leaseApprovals(record, id),
        leaseTimeline(record, known.lease, skip),
      ])
      const shown = {
        known,
        children: leases.filter(({ lease }) => lease.ancestors.at(-1) === id),
        answered,
        timeline,
        skip,
        questions: questions.filter(({ lease }) => lease === id),
        mayRevoke: principal.roles.includes('admin'),
        mayFreeze: mayActOnLeases('freeze', principal),
        mayThaw: mayActOnLeases('thaw', principal),
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
    .post('/:id/freeze', context => freezing('freeze', context))
    .post('/:id/thaw', context => freezing('thaw', context))

  async function freezing(act: 'freeze' | 'thaw', context: Context<ConsoleEnv, '/:id/freeze' | '/:id/thaw'>) {
    const { principal } = context.var
    const { id } = (await findLease(context.req.param('id'), principal, parts)).lease
    const { reason } = await readForm(context, WHY)
    await actOnLeases({ act, subject: { kind: 'lease', name: id }, reason, gone: false }, principal, parts)
    return context.redirect(`/console/leases/${id}`, 303)
  }
}
