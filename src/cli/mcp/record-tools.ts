import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { WHAT_WAS_DONE } from '../../record/what-was-done.ts'
import { printable } from '../../support/text/printable.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
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
  server.registerResource(
    'done',
    new ResourceTemplate('leasegate://leases/{lease}/done', { list: undefined }),
    { title: 'What was done under a lease', mimeType: JSON_TYPE },
    async (uri, { lease }) => asResource(uri.href, await whatWasDone(broker, String(lease))),
  )
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
