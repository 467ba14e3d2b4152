import { Hono } from 'hono'
import { serveOperation } from '../http/operation.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerEnv, BrokerParts } from '../parts.ts'
import { askBatch } from './ask-batch.ts'
import { PLAN_REQUESTS } from './batch-operations.ts'
import { BatchRate } from './batch-rate.ts'

/** Beside the routes of leases: what an agent is about to do under one. */
export function batchRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  const rate = new BatchRate()
  const routes = new Hono<BrokerEnv>()
  serveOperation(routes, PLAN_REQUESTS, async ({ principal, path, source, body }) => {
    if (principal.kind !== 'agent') throw new StatusError(403, 'agents ask before they act; people answer')
    // Before the body is read: judging is work, and so is reading.
    if (!rate.take(principal.agent, parts.clock()))
      throw new StatusError(429, 'this agent planned too often within a minute', 30)
    const { requests } = await body()
    return askBatch({ id: path.lease, requests, source }, principal, parts)
  })
  return routes
}
