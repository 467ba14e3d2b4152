import { isInputRequiredResult, type McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { formatDuration } from '../../policy/file/values/duration.ts'
import { printable } from '../../support/text/printable.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import { WHOAMI } from '../access/whoami.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
import { readPages } from '../broker/read-pages.ts'
import { BrokerRefusal, CliError } from '../command/cli-error.ts'
import { SHOWN_LEASE, SHOWN_LEASES, type ShownLease } from '../lease/shown-lease.ts'
import type { LeaseHolder } from './held-leases.ts'
import { answering, asResource, JSON_TYPE } from './tool-answer.ts'
import { type WholeWish, WISH, wholeWish } from './wish.ts'

export const LEASES_URI = 'leasegate://leases'

/** What an agent may do, and access for one task. */
export function addLeaseTools(server: McpServer, broker: BrokerClient, held: LeaseHolder): void {
  const list = async () => {
    const leases = await readPages(query => broker('GET', `/v1/leases${query}`, SHOWN_LEASES))
    return { leases: leases.map(shown) }
  }
  server.registerTool(
    'whoami',
    {
      title: 'What may I do',
      description: 'Who you are to the broker, and which task templates you may ask a lease of.',
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    () => answering(() => whoAmI(broker)),
  )
  server.registerTool(
    'list_leases',
    {
      title: 'My leases',
      description: 'Your live leases: what each covers, when it ends, what was taken of its budgets.',
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    () => answering(list),
  )
  server.registerTool(
    'request_lease',
    {
      title: 'Ask for access for one task',
      description:
        'Gives a lease, and how to use it. It ends by itself, and with this server. pending: a person has to say yes to it first; wait_for_approval, then ask for the very same again.',
      inputSchema: WISH,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
    (given, context) =>
      answering(async () => {
        const wish = await wholeWish(given, broker, server, context)
        return isInputRequiredResult(wish) ? wish : ask(held, wish)
      }),
  )
  server.registerTool(
    'give_back',
    {
      title: 'End a lease',
      description: 'Ends a lease of yours now; its open watches and sessions are cut.',
      inputSchema: z.object({ lease: z.string(), reason: z.string().default('done') }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ lease, reason }) => answering(() => giveBack(broker, held, lease, reason)),
  )
  server.registerResource('leases', LEASES_URI, { title: 'My leases', mimeType: JSON_TYPE }, async () =>
    asResource(LEASES_URI, await list()),
  )
}

async function whoAmI(broker: BrokerClient): Promise<Record<string, unknown>> {
  const me = await broker('GET', '/v1/whoami', WHOAMI)
  if (me.kind === 'person') throw new CliError('refused', 'leases are for agents, and you are a person to the broker')
  const templates = me.templates.map(({ maxTtlMs, ...template }) => ({
    ...template,
    longest: formatDuration(maxTtlMs),
  }))
  return { agent: me.name, sponsor: me.sponsor, held: me.hold !== null, templates }
}

async function ask(
  held: LeaseHolder,
  { namespaces, parameters, ...wish }: WholeWish,
): Promise<Record<string, unknown>> {
  const param = parameters && Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
  try {
    const { lease, use } = await held.take({ ...wish, param, ...(namespaces && { namespace: namespaces }) })
    return { ...shown(lease), ...use }
  } catch (error) {
    if (!(error instanceof BrokerRefusal) || error.approval === null) throw error
    return { state: 'pending', approval: error.approval, why: printable(error.message), next: NEXT }
  }
}

const NEXT = 'wait_for_approval, and once it is approved request_lease with the very same arguments'

async function giveBack(
  broker: BrokerClient,
  held: LeaseHolder,
  lease: string,
  reason: string,
): Promise<Record<string, unknown>> {
  const ended = await held.end(lease, reason)
  if (ended?.ended === false) throw new CliError('unavailable', ended.said.trim())
  // One of an earlier server's, or by hand.
  if (ended === null) await broker('DELETE', `/v1/leases/${encodeURIComponent(lease)}`, SHOWN_LEASE, { reason })
  return { lease, ended: true }
}

/** What a model can use of it. */
function shown({ id, agent, delegated, handedOn, template, task, namespaces, expiresAt, taken, state }: ShownLease) {
  return {
    lease: id,
    ...(delegated === undefined ? {} : handedOn ? { handedTo: agent } : { handedBy: delegated.by }),
    template,
    task: task.name,
    reason: task.reason,
    namespaces,
    state: state.kind,
    endsAt: new Date(expiresAt).toISOString(),
    left: timeLeft(expiresAt, Date.now()),
    taken,
  }
}
