import { z } from 'zod'
import { WATCHABLE } from '../lease/lease.ts'
import { ROLES } from '../policy/policy.ts'
import { SHOWN_HOLD } from './holds/hold-operations.ts'
import type { Operation } from './http/operation.ts'
import { EPOCH_MS } from './http/shown.ts'

const TEMPLATE = z
  .object({
    name: z.string(),
    description: z.string(),
    namespaces: z.array(z.string()),
    ask: z.enum(['must', 'may', 'none']).describe('Whether a request has to name namespaces, may, or must not.'),
    allows: z.array(z.string()).describe('Verbs and what they are for.'),
    maxTtlMs: z.int(),
    maxLeases: z.int(),
    hours: z.string().exactOptional(),
    networks: z.array(z.string()).exactOptional(),
    images: z.array(z.string()).exactOptional().describe('What images of containers have to be, or begin with.'),
    ticket: z.string().exactOptional().describe('What the ticket has to be like.'),
    ticketOpen: z.literal(true).exactOptional().describe('It is looked up whether the ticket is open.'),
    certificate: z.literal('required').exactOptional(),
    onBehalfOf: z.enum(['allowed', 'required']).exactOptional(),
    parameters: z.record(z.string(), z.string()).exactOptional().describe('What each has to be like.'),
    issue: z.string().exactOptional().describe('Who has to say yes before a lease is given.'),
    watched: z.array(z.enum(WATCHABLE)).exactOptional(),
    delegation: z
      .object({ to: z.array(z.string()), maxLeases: z.int(), levels: z.int() })
      .exactOptional()
      .describe('Agents that leases of it may be handed to, out of one that the agent has.'),
  })
  .meta({ id: 'Template', description: 'What an agent may ask for.' })

const IDENTITY = z.object({ issuer: z.string(), subject: z.string(), expiresAt: EPOCH_MS }).meta({ id: 'Identity' })

export const WHOAMI = {
  id: 'whoami',
  method: 'get',
  path: '/v1/whoami',
  does: 'Says whom the policy takes the caller for, and what that one may ask for.',
  who: { agents: true, people: 'all' },
  status: 200,
  answer: z
    .discriminatedUnion('kind', [
      z
        .object({
          kind: z.literal('agent'),
          name: z.string(),
          sponsor: z.string().describe("On whose behalf it acts, '' for nobody."),
          hold: SHOWN_HOLD.nullable(),
          templates: z.array(TEMPLATE),
          identity: IDENTITY,
        })
        .meta({ id: 'AgentWhoAmI' }),
      z
        .object({
          kind: z.literal('person'),
          name: z.string(),
          roles: z.array(z.enum(ROLES)),
          identity: IDENTITY,
        })
        .meta({ id: 'PersonWhoAmI' }),
    ])
    .meta({ id: 'WhoAmI' }),
  refuses: [],
} as const satisfies Operation
