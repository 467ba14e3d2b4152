import type { InputRequiredResult, McpServer, ServerContext } from '@modelcontextprotocol/server'
import { CLIENT_CAPABILITIES_META_KEY, inputRequired, inputResponse } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { WHOAMI } from '../access/whoami.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'

const ASKED = 'the user is asked if it is left out'

/** What a model asks for a lease with. */
export const WISH = z.object({
  template: z.string().optional().describe(`a task template of whoami; ${ASKED}`),
  reason: z.string().min(1).optional().describe(`why, for the people who read the record; ${ASKED}`),
  task: z.string().optional().describe('what you call your work'),
  ticket: z.string().optional().describe('ticket or incident'),
  parameters: z
    .record(z.string(), z.string())
    .optional()
    .describe(`what stands in the places of the template; ${ASKED}`),
  ttl: z.string().optional().describe('how long, such as 10m or 1h30m; the shortest that will do'),
  namespaces: z
    .array(z.string())
    .optional()
    .describe('namespaces that the task needs; all that are granted if left out'),
})
type Wish = z.infer<typeof WISH>
export type WholeWish = Wish & { readonly template: string; readonly reason: string }

/** What a form has asked for, and what came of it. It comes back by the client, who could have sent the same as arguments: it needs no seal. */
const EARLIER = z.object({
  asked: z.array(z.string()).max(64),
  said: z.record(z.string(), z.string()),
})
type Earlier = z.infer<typeof EARLIER>

const FORM = 'wish'
const PARAMETER = 'parameter:'
const NOTHING: Earlier = { asked: [], said: {} }

/** With all that the broker wants, or the form by which the client's user says the rest. Throws a CliError where nobody says it. */
export async function wholeWish(
  given: Wish,
  broker: BrokerClient,
  server: McpServer,
  context: ServerContext,
): Promise<WholeWish | InputRequiredResult> {
  const earlier = earlierOf(context)
  const said = { ...earlier.said, ...answerOf(context) }
  const wish = withSaid(given, said)
  const missing = await missingOf(wish, broker)
  const { template, reason } = wish
  if (missing.length === 0 && template !== undefined && reason !== undefined) return { ...wish, template, reason }
  if (missing.some(({ name }) => earlier.asked.includes(name))) throw unsaid()
  if (!hasForms(server, context)) throw new CliError('usage', `say ${missing.map(inWords).join('; ')}`)
  const requestState = JSON.stringify({ asked: missing.map(({ name }) => name), said } satisfies Earlier)
  return inputRequired({ inputRequests: { [FORM]: form(missing) }, requestState })
}

function earlierOf({ mcpReq }: ServerContext): Earlier {
  const state = mcpReq.requestState<unknown>()
  if (state === undefined) return NOTHING
  try {
    return EARLIER.parse(JSON.parse(String(state)))
  } catch {
    return NOTHING
  }
}

/** A field that was left empty is not there. */
function answerOf({ mcpReq }: ServerContext): Readonly<Record<string, string>> {
  const answer = inputResponse(mcpReq.inputResponses, FORM)
  if (answer.kind !== 'elicit') return {}
  if (answer.action !== 'accept') throw unsaid()
  const texts = Object.entries(answer.content ?? {}).filter(([, value]) => typeof value === 'string' && value !== '')
  return Object.fromEntries(texts) as Record<string, string>
}

/** What the model gave stays. */
function withSaid(given: Wish, said: Readonly<Record<string, string>>): Wish {
  const named = Object.entries(said).filter(([name]) => name.startsWith(PARAMETER))
  const parameters = Object.fromEntries(named.map(([name, value]) => [name.slice(PARAMETER.length), value]))
  return {
    ...given,
    template: given.template ?? said['template'],
    reason: given.reason ?? said['reason'],
    ticket: given.ticket ?? said['ticket'],
    ...(named.length === 0 ? {} : { parameters: { ...parameters, ...given.parameters } }),
  }
}

interface Missing {
  readonly name: string
  readonly title: string
  readonly like?: string | undefined
  readonly oneOf?: readonly string[]
}

async function missingOf(
  { template, reason, ticket, parameters = {} }: Wish,
  broker: BrokerClient,
): Promise<Missing[]> {
  const me = await broker('GET', '/v1/whoami', WHOAMI)
  const templates = me.kind === 'agent' ? me.templates : []
  const chosen = templates.find(({ name }) => name === template)
  const names = templates.map(({ name }) => name)
  return [
    ...(template === undefined && names.length > 0 ? [{ name: 'template', title: 'Which task?', oneOf: names }] : []),
    ...(reason === undefined ? [{ name: 'reason', title: 'Why? It goes into the record' }] : []),
    ...(ticket === undefined && chosen?.ticket !== undefined
      ? [{ name: 'ticket', title: 'For which ticket?', like: chosen.ticket }]
      : []),
    ...Object.entries(chosen?.parameters ?? {})
      .filter(([name]) => parameters[name] === undefined)
      .map(([name, like]) => ({ name: PARAMETER + name, title: name, like })),
  ]
}

function inWords({ name, title, like, oneOf }: Missing): string {
  const form = oneOf === undefined ? (like === undefined ? '' : ` like ${like}`) : ` (${oneOf.join(', ')})`
  return `${name.replace(PARAMETER, 'parameters.')}${form}: ${title}`
}

function form(missing: readonly Missing[]) {
  const field = ({ title, like, oneOf }: Missing) => ({
    type: 'string' as const,
    title,
    ...(like === undefined ? {} : { description: `like ${like}` }),
    ...(oneOf === undefined ? {} : { enum: [...oneOf] }),
  })
  return inputRequired.elicit({
    message: 'The model asks for access to the cluster. What for?',
    requestedSchema: {
      type: 'object',
      properties: Object.fromEntries(missing.map(one => [one.name, field(one)])),
      required: missing.map(({ name }) => name),
    },
  })
}

const ABILITIES = z.object({ elicitation: z.object({ form: z.unknown(), url: z.unknown() }).partial().optional() })

/** Clients of today say what they can with each request, those of before once. `{}` means forms. */
function hasForms({ server }: McpServer, { mcpReq }: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {}
  const { data } = ABILITIES.safeParse(envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities())
  const elicitation = data?.elicitation
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined)
}

function unsaid(): CliError {
  return new CliError('refused', 'the user did not say what the lease would be for')
}
