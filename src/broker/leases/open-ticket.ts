import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { OnCallSource } from '../../policy/notify.ts'
import type { TaskTemplate } from '../../policy/policy.ts'
import { shown } from '../../support/text/shown-text.ts'
import type { LeaseRequest } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import { postSigned } from '../notices/ways/standard-webhook.ts'
import type { AgentPrincipal, BrokerParts } from '../parts.ts'

const WITHIN_MS = 3000
const MAX_ANSWER = 16_384
/** For all agents of a broker: who is slow to answer holds up nobody else. */
const MOST_AT_ONCE = 16

const ANSWER = z.object({ open: z.boolean(), reason: z.string().max(200).default('') })

interface Asked {
  readonly agent: AgentPrincipal
  readonly wish: LeaseRequest
  readonly template: TaskTemplate
}

const asking = new Set<string>()

/** Throws unless whoever knows says that the ticket is open, where the template wants one that is; what cannot be asked is not open. */
export async function mustBeOpen(
  { agent: { agent, sponsor }, wish: { ticket, namespaces }, template }: Asked,
  { policy, clock, log }: Pick<BrokerParts, 'policy' | 'clock' | 'log'>,
): Promise<void> {
  if (template.ticketOpen !== true) return
  const source = policy().tickets
  if (asking.has(agent) || asking.size >= MOST_AT_ONCE)
    throw new StatusError(429, 'a ticket is being looked up already; one at a time', 1)
  asking.add(agent)
  try {
    const data = { ticket, agent, sponsor, template: template.name, namespaces }
    const answer = source === undefined ? null : await ask(source, data, clock)
    if (answer === null) throw new Error('what it answers is not {"open": true} or false')
    if (!answer.open) throw new StatusError(403, `ticket ${ticket} is not open${saidWhy(answer.reason)}`)
  } catch (error) {
    if (error instanceof StatusError) throw error
    log.warn({ err: error, agent }, 'nobody says whether a ticket is open; no lease is given')
    throw new StatusError(
      503,
      `nobody says whether ticket ${ticket} is open, and no lease is given without; try again`,
      5,
    )
  } finally {
    asking.delete(agent)
  }
}

/** Null for everything else than an answer. */
async function ask(source: OnCallSource, data: object, clock: BrokerParts['clock']) {
  const event = { type: 'ticket.asked', timestamp: new Date(clock()).toISOString(), data }
  const limits = { withinMs: WITHIN_MS, maxBytes: MAX_ANSWER }
  const { status, text } = await postSigned(source, { id: `ticket:${randomUUID()}`, event, ...limits }, clock)
  if (status !== 200) throw new Error(`it answered with status ${status}`)
  return ANSWER.safeParse(JSON.parse(text)).data ?? null
}

function saidWhy(reason: string): string {
  return reason === '' ? '' : `: ${shown(reason)}`
}
