import { type Context, Hono } from 'hono'
import type { Approval } from '../../../approval/approval.ts'
import { placeHold, releaseAgent } from '../../holds/hold-routes.ts'
import { StatusError } from '../../http/refusal/status.ts'
import { type KnownLease, knownLeases } from '../../leases/find-lease.ts'
import type { ConsoleEnv, WithConsole } from '../console-env.ts'
import { PLACE, RELEASE, readForm } from '../http/read-form.ts'
import { readHour, readSkip } from '../http/read-place.ts'
import { agentPage, agentsPage } from '../pages/agents.ts'
import { formToken, page } from '../pages/layout.ts'
import { dayPage } from '../pages/record/day.ts'
import { agentHours, dayUntil } from '../record/hours.ts'
import { agentTimeline } from '../record/timeline.ts'

export function agentRoutes(parts: WithConsole): Hono<ConsoleEnv> {
  return new Hono<ConsoleEnv>()
    .get('/', async context => {
      const holds = await parts.holds.list(parts.clock())
      return page(context, 'Agents', agentsPage(namesOf(parts), holds))
    })
    .get('/:name', async context => {
      const name = context.req.param('name')
      const hold = await parts.holds.find(name, parts.clock())
      if (hold === null && !namesOf(parts).includes(name))
        throw new StatusError(404, 'the policy file has no such agent')
      const shown = {
        name,
        hold,
        leases: await leasesOf(name, parts),
        questions: await questionsOf(name, parts),
        mayHold: context.var.principal.roles.includes('admin'),
        token: formToken(context),
        now: parts.clock(),
      }
      return page(context, name, agentPage(shown))
    })
    .get('/:name/day', async context => {
      const agent = context.req.param('name')
      if (!namesOf(parts).includes(agent) && (await parts.holds.find(agent, parts.clock())) === null)
        throw new StatusError(404, 'the policy file has no such agent')
      return page(context, `A day of ${agent}`, dayPage(await dayOf(agent, context, parts)))
    })
    .post('/:name/hold', async context => {
      const agent = context.req.param('name')
      await placeHold({ ...(await readForm(context, PLACE)), agent }, context.var.principal, parts)
      return context.redirect(`/console/agents/${encodeURIComponent(agent)}`, 303)
    })
    .post('/:name/release', async context => {
      const agent = context.req.param('name')
      await releaseAgent(agent, (await readForm(context, RELEASE)).reason, context.var.principal, parts)
      return context.redirect(`/console/agents/${encodeURIComponent(agent)}`, 303)
    })
}

async function dayOf(agent: string, context: Context<ConsoleEnv>, { console: { record }, clock }: WithConsole) {
  const now = clock()
  const [until, skip] = [readHour(context) ?? now, readSkip(context)]
  const span = dayUntil(Math.min(until, now))
  const [hours, events] = await Promise.all([agentHours(record, span, agent), agentTimeline(record, agent, span, skip)])
  return { agent, span, isLast: span.until > now, hours, events, skip }
}

/** An agent has so few open ones that they are one page. */
export async function questionsOf(agent: string, { approvals, clock }: WithConsole): Promise<readonly Approval[]> {
  return (await approvals.pending({ agent, after: '', limit: 200 }, clock())).items
}

/** The first page: more live leases than that an agent has only when something is wrong with it. */
export async function leasesOf(agent: string, parts: WithConsole): Promise<readonly KnownLease[]> {
  return (await knownLeases({ agent, after: '', limit: 200 }, parts)).items
}

function namesOf({ policy }: WithConsole): readonly string[] {
  return policy().agents.map(({ name }) => name)
}
