import { Command } from 'commander'
import { z } from 'zod'
import { formatDuration } from '../../policy/file/values/duration.ts'
import { describeHeld, SHOWN_HOLD } from '../agent/shown-hold.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { outputOption, table, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { describeLogin, loginInUse, type ShownLogin } from '../login/shown-login.ts'

const TEMPLATE = z.object({
  name: z.string(),
  description: z.string(),
  namespaces: z.array(z.string()),
  ask: z.enum(['must', 'may', 'none']).default('may'),
  allows: z.array(z.string()).default([]),
  maxTtlMs: z.number(),
  maxLeases: z.number(),
  hours: z.string().exactOptional(),
  networks: z.array(z.string()).exactOptional(),
  images: z.array(z.string()).exactOptional(),
  ticket: z.string().exactOptional(),
  ticketOpen: z.literal(true).exactOptional(),
  certificate: z.literal('required').exactOptional(),
  onBehalfOf: z.enum(['allowed', 'required']).exactOptional(),
  parameters: z.record(z.string(), z.string()).exactOptional(),
  watched: z.array(z.string()).exactOptional(),
  issue: z.string().exactOptional(),
  delegation: z.object({ to: z.array(z.string()), maxLeases: z.number(), levels: z.number() }).exactOptional(),
})
const IDENTITY = z.object({ issuer: z.string(), subject: z.string(), expiresAt: z.number() })
/** Who somebody is to the broker. */
export const WHOAMI = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('agent'),
    name: z.string(),
    sponsor: z.string(),
    hold: SHOWN_HOLD.nullable().default(null),
    templates: z.array(TEMPLATE),
    identity: IDENTITY,
  }),
  z.object({ kind: z.literal('person'), name: z.string(), roles: z.array(z.string()), identity: IDENTITY }),
])

export type WhoAmI = z.infer<typeof WHOAMI>

export function whoamiCommand(terminal: Terminal): Command {
  return new Command('whoami').addOption(outputOption()).action(async (options: { readonly output: string }) => {
    const me = await brokerClient(terminal)('GET', '/v1/whoami', WHOAMI)
    const login = await loginInUse(terminal)
    terminal.print(options.output === 'json' ? toJson({ ...me, login }) : describe(me, login))
  })
}

const ASK = { must: 'name them', may: 'all, or some', none: 'leave out' } as const

function describe(me: WhoAmI, login: ShownLogin | null): string {
  const kept = login === null ? '' : `  ${describeLogin(login, Date.now())}`
  const proof = `  proved by ${me.identity.issuer}: ${me.identity.subject}\n${kept}`
  if (me.kind === 'person') return `${me.name}, ${me.roles.join(' and ')}\n${proof}`
  const sponsor = me.sponsor === '' ? '' : ` for ${me.sponsor}`
  const rows = me.templates.map(template => [
    template.name,
    template.namespaces.join(','),
    formatDuration(template.maxTtlMs),
    String(template.maxLeases),
    ASK[template.ask],
    template.allows.join('; '),
    [template.description, ...conditionsOf(template)].filter(text => text !== '').join('; '),
  ])
  const templates =
    rows.length === 0
      ? 'no task templates are granted to you\n'
      : table(['template', 'namespaces', 'longest', 'leases', '--namespace', 'allows', 'description'], rows)
  const held = me.hold === null ? '' : `  ${describeHeld(me.hold)}\n`
  return `agent ${me.name}${sponsor}\n${proof}${held}\n${templates}`
}

/** What else has to be so for a lease. */
function conditionsOf(template: z.infer<typeof TEMPLATE>): readonly string[] {
  const {
    hours,
    networks,
    images,
    ticket,
    ticketOpen,
    certificate,
    onBehalfOf,
    watched,
    issue,
    delegation,
    parameters = {},
  } = template
  return [
    ...(hours === undefined ? [] : [`only ${hours}`]),
    ...(networks === undefined ? [] : [`only from ${networks.join(', ')}`]),
    ...(images === undefined ? [] : [`images only ${images.join(', ')}`]),
    ...(ticket === undefined ? [] : [`with a ticket like ${ticket}${ticketOpen === true ? ' that is open' : ''}`]),
    ...(watched === undefined ? [] : [`${watched.join(', ')} only while an approver watches`]),
    ...(issue === undefined ? [] : [`given with a yes of ${issue}`]),
    ...(certificate === undefined ? [] : ['with a client certificate']),
    ...(onBehalfOf === undefined ? [] : [`on behalf of a person (${onBehalfOf})`]),
    ...(delegation === undefined ? [] : [`may be handed to ${delegation.to.join(', ')}`]),
    ...Object.entries(parameters).map(([name, like]) => `${name} like ${like}`),
  ]
}
