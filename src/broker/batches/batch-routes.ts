import { Hono } from 'hono'
import { z } from 'zod'
import { MOST_MEMBERS } from '../../approval/batch/batch.ts'
import { clientAddress } from '../http/client-address.ts'
import { readBody } from '../http/read-body.ts'
import { StatusError } from '../http/status.ts'
import type { BrokerEnv, BrokerParts } from '../parts.ts'
import { askBatch } from './ask-batch.ts'
import { BatchRate } from './batch-rate.ts'
import type { Foreseen } from './judge-member.ts'

/** Bodies come as base64, so that what is judged is byte for byte what will be sent. */
const MOST_BODY = 1_048_576

const FORESEEN = z
  .strictObject({
    method: z.string().max(16),
    target: z.string().max(16_384),
    contentType: z.string().max(256),
    body: z.base64(),
  })
  .transform(({ body, ...rest }): Foreseen => ({ ...rest, body: Buffer.from(body, 'base64') }))

const BATCH = z.strictObject({ requests: z.array(FORESEEN).min(1).max(MOST_MEMBERS) })

/** Beside the routes of leases: what an agent is about to do under one. */
export function batchRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  const rate = new BatchRate()
  return new Hono<BrokerEnv>().post('/:id/plan', async context => {
    const { principal } = context.var
    if (principal.kind !== 'agent') throw new StatusError(403, 'agents ask before they act; people answer')
    // Before the body is read: judging is work, and so is reading.
    if (!rate.take(principal.agent, parts.clock()))
      throw new StatusError(429, 'this agent planned too often within a minute', 30)
    const { requests } = await readBody(context, BATCH, MOST_BODY)
    const planning = { id: context.req.param('id'), requests, source: clientAddress(context.req) }
    return context.json(await askBatch(planning, principal, parts))
  })
}
