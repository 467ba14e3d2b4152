import { setTimeout as sleep } from 'node:timers/promises'
import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { printable } from '../../support/text/printable.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import { SHOWN_APPROVAL, SHOWN_APPROVALS, type ShownApproval } from '../approval/shown-approval.ts'
import { LOOK_EVERY_MS } from '../approval/wait.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
import { readPages } from '../broker/read-pages.ts'
import { answering } from './tool-answer.ts'

/** Clients give up on a call sooner or later: who waits longer asks again. */
const LONGEST_S = 300
/** The SDK's own gives up after 60 seconds. */
const USUAL_S = 45

const WAIT = z.object({
  approval: z.string().describe('apr_…, as the refusal names it'),
  timeoutSeconds: z.number().int().min(1).max(LONGEST_S).default(USUAL_S),
})

const WITHDRAWING = z.object({
  approval: WAIT.shape.approval,
  reason: z.string().max(500).default('').describe('Why, for people to read'),
})

/** Looks at questions, and takes one's own back. Nobody answers one here: whoever asks must not be able to. */
export function addApprovalTools(server: McpServer, broker: BrokerClient): void {
  server.registerTool(
    'list_approvals',
    {
      title: 'What is pending',
      description: 'Your requests that wait for a person.',
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    () =>
      answering(async () => {
        const approvals = await readPages(query => broker('GET', `/v1/approvals${query}`, SHOWN_APPROVALS))
        return { approvals: approvals.map(shown) }
      }),
  )
  server.registerTool(
    'wait_for_approval',
    {
      title: 'Wait for a yes',
      description:
        'Waits until a person has answered. After approved, send the very same request again, or ask for the very same lease: it passes once. pending: nobody has answered yet, wait again.',
      inputSchema: WAIT,
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ approval, timeoutSeconds }, context) =>
      answering(async () => shown(await wait(broker, approval, timeoutSeconds, context))),
  )
  server.registerTool(
    'withdraw_approval',
    {
      title: 'Take a question back',
      description: 'Takes back a request of yours that waits for a person, or a yes that you do not need any more.',
      inputSchema: WITHDRAWING,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
    ({ approval, reason }) =>
      answering(async () => {
        const path = `/v1/approvals/${encodeURIComponent(approval)}/withdraw`
        return shown(await broker('POST', path, SHOWN_APPROVAL, { reason }))
      }),
  )
}

async function wait(
  broker: BrokerClient,
  id: string,
  withinSeconds: number,
  { mcpReq }: ServerContext,
): Promise<ShownApproval> {
  const from = performance.now()
  for (;;) {
    const approval = await broker('GET', `/v1/approvals/${encodeURIComponent(id)}`, SHOWN_APPROVAL)
    const leftMs = withinSeconds * 1000 - (performance.now() - from)
    if (approval.state !== 'pending' || leftMs <= 0) return approval
    await tell(mcpReq, Math.round(withinSeconds - leftMs / 1000), withinSeconds)
    await sleep(Math.min(LOOK_EVERY_MS, leftMs), null, { signal: mcpReq.signal })
  }
}

/** To clients that asked for it. */
async function tell({ _meta, notify }: ServerContext['mcpReq'], progress: number, total: number): Promise<void> {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return
  const message = 'waiting for a person'
  await notify({ method: 'notifications/progress', params: { progressToken, progress, total, message } })
}

/** Words of people are theirs, and printable. */
function shown({ id, state, question, lease, endsAt, decidedBy, why }: ShownApproval) {
  return {
    approval: id,
    state,
    request: printable(question.summary),
    lease,
    left: timeLeft(endsAt, Date.now()),
    decidedBy: printable(decidedBy),
    why: printable(why),
  }
}
