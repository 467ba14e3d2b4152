import { Hono } from 'hono'
import type { ConsoleEnv, WithConsole } from '../console-env.ts'
import { readAgent, readSkip } from '../http/read-place.ts'
import { page } from '../pages/layout.ts'
import { activityPage } from '../pages/record/activity.ts'
import { sessionsPage } from '../pages/record/sessions.ts'
import { approvalWaits } from '../record/approvals.ts'
import { agentHours, dayUntil } from '../record/hours.ts'
import { sessions } from '../record/sessions.ts'

/** Pages that are made of the record alone. */
export function recordRoutes({ console: { record }, clock }: WithConsole): Hono<ConsoleEnv> {
  return new Hono<ConsoleEnv>()
    .get('/sessions', async context => {
      const [agent, skip] = [readAgent(context), readSkip(context)]
      return page(context, 'Sessions', sessionsPage({ listed: await sessions(record, agent, skip), agent, skip }))
    })
    .get('/activity', async context => {
      const span = dayUntil(clock())
      const [hours, waits] = await Promise.all([agentHours(record, span), approvalWaits(record)])
      return page(context, 'Activity', activityPage({ span, hours, waits }))
    })
}
