import { type ListResourcesResult, type McpServer, ResourceTemplate } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { WHAT_HAPPENED } from '../../record/what-happened.ts'
import { WHAT_WAS_DONE } from '../../record/what-was-done.ts'
import { printable } from '../../support/text/printable.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
import { readPages } from '../broker/read-pages.ts'
import { SHOWN_LEASES } from '../lease/shown-lease.ts'
import { askWhy } from '../why/ask-why.ts'
import { answering, asResource, JSON_TYPE } from './tool-answer.ts'

const READS = { readOnlyHint: true, idempotentHint: true, openWorldHint: false } as const

/** Looks into the record, for what a model should understand before it goes on. */
export function addRecordTools(server: McpServer, broker: BrokerClient): void {
  server.registerTool(
    'why_refused',
    {
      title: 'Why was this refused',
      description:
        'What was judged of one request, by which rule, and what would help: a lease of a template that covers it, an approval, or what to ask the platform team for.',
      inputSchema: z.object({
        auditId: z.string().describe('LeasegateAuditID of the refusal, or the Audit-Id header of the answer'),
      }),
      annotations: READS,
    },
    ({ auditId }) =>
      answering(async () => {
        const { what, detail, message, ...rest } = await askWhy(broker, auditId)
        return { what: printable(what), detail: printable(detail), message: printable(message), ...rest }
      }),
  )
  server.registerTool(
    'what_did_i_do',
    {
      title: 'What did I do',
      description: 'What was done under a lease of yours: requests, objects that were changed, refusals.',
      inputSchema: z.object({ lease: z.string().describe('lse_…') }),
      annotations: READS,
    },
    ({ lease }) => answering(() => whatWasDone(broker, lease)),
  )
  const listed = (what: keyof typeof OF_LEASES) => () => ofLiveLeases(broker, what)
  server.registerResource(
    'done',
    new ResourceTemplate('leasegate://leases/{lease}/done', { list: listed('done') }),
    { title: OF_LEASES.done, mimeType: JSON_TYPE },
    async (uri, { lease }) => asResource(uri.href, await whatWasDone(broker, String(lease))),
  )
  server.registerResource(
    'timeline',
    new ResourceTemplate('leasegate://leases/{lease}/timeline', { list: listed('timeline') }),
    { title: OF_LEASES.timeline, mimeType: JSON_TYPE },
    async (uri, { lease }) => asResource(uri.href, await whatHappened(broker, String(lease))),
  )
}

const OF_LEASES = { done: 'What was done under a lease', timeline: 'What happened under a lease, in order' } as const

/** Of those that have ended it can be read as well; nobody wants to see them all. */
async function ofLiveLeases(broker: BrokerClient, what: keyof typeof OF_LEASES): Promise<ListResourcesResult> {
  // What else there is can be listed without a broker.
  const leases = await readPages(query => broker('GET', `/v1/leases${query}`, SHOWN_LEASES)).catch(() => [])
  const resources = leases.map(({ id, template }) => ({
    uri: `leasegate://leases/${id}/${what}`,
    name: `${what} of ${id}`,
    title: `${OF_LEASES[what]}: ${template}`,
    mimeType: JSON_TYPE,
  }))
  return { resources }
}

async function whatHappened(broker: BrokerClient, lease: string): Promise<Record<string, unknown>> {
  const path = `/v1/leases/${encodeURIComponent(lease)}/timeline`
  const { events, ...rest } = await broker('GET', path, WHAT_HAPPENED)
  return { ...rest, events: events.map(toEvent) }
}

/** What is empty is left out. Names and words of others, for a terminal or a model. */
function toEvent({ at, ...event }: z.infer<typeof WHAT_HAPPENED>['events'][number]): Record<string, unknown> {
  const told = Object.entries(event).filter(([, value]) => value !== '' && value !== null)
  const words = told.map(([name, value]) => [name, typeof value === 'string' ? printable(value) : value])
  return { at: at === null ? null : new Date(at).toISOString(), ...Object.fromEntries(words) }
}

/** Names and words of others, for a terminal or a model. */
async function whatWasDone(broker: BrokerClient, lease: string): Promise<Record<string, unknown>> {
  const done = await broker('GET', `/v1/leases/${encodeURIComponent(lease)}/done`, WHAT_WAS_DONE)
  const changes = done.changes.map(({ name, ...rest }) => ({ name: printable(name), ...rest }))
  const denials = done.denials.map(({ what, detail, ...rest }) => ({
    what: printable(what),
    detail: printable(detail),
    ...rest,
  }))
  return { ...done, changes, denials }
}
