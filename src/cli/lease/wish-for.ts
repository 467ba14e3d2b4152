import type { ExplainedRequest, LeaseWay } from '../../denial/explained-request.ts'
import { formatDuration } from '../../policy/file/values/duration.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { askWhy } from '../why/ask-why.ts'
import { conditionsOf, describePlatform } from '../why/describe-request.ts'

interface Given {
  readonly template: string | undefined
  readonly namespace?: readonly string[] | undefined
  readonly param?: readonly string[] | undefined
  readonly ttl?: string | undefined
}

/** What to ask for so that a refused request passes; what is given goes first. Throws where there is nothing, or more than one way. */
export async function wishFor<Wish extends Given>(
  auditId: string,
  given: Wish,
  broker: BrokerClient,
): Promise<Wish & { readonly template: string }> {
  const explained = await askWhy(broker, auditId)
  const ways = explained.help.filter(help => help.kind === 'lease')
  if (ways.length === 0) throw await noWay(explained)
  const way = chosen(ways, given.template)
  if (way.instead !== null)
    throw new CliError('refused', `${way.instead} has to end first, which this does not do for you: ${way.command}`)
  return {
    ...given,
    template: way.template,
    namespace: given.namespace ?? namespacesOf(way),
    param: given.param ?? parametersOf(way),
    ttl: given.ttl ?? (way.ttlMs === null ? undefined : formatDuration(way.ttlMs)),
  }
}

function chosen(ways: readonly LeaseWay[], template: string | undefined): LeaseWay {
  if (template !== undefined) {
    const named = ways.find(way => way.template === template)
    if (named !== undefined) return named
    throw new CliError('refused', `template ${template} does not cover it; ${namesOf(ways)}`)
  }
  const [only, ...others] = ways
  if (only !== undefined && others.length === 0) return only
  throw new CliError('refused', `${namesOf(ways)}; choose one with --template, the smallest stands first`)
}

function namesOf(ways: readonly LeaseWay[]): string {
  return `what covers it: ${ways.map(way => `${way.template}${conditionsOf(way)}`).join(', ')}`
}

async function noWay({ decision, help, message, approval }: ExplainedRequest): Promise<CliError> {
  if (decision === 'allow') return new CliError('refused', 'it was let through: no lease was lacking')
  if (decision === 'pending' || approval !== null) return new CliError('refused', `no lease is lacking: ${message}`)
  const held = help.find(one => one.kind === 'held')
  if (held !== undefined) return new CliError('refused', `${held.lease}, which you hold, covers it: ${held.command}`)
  const platform = help.find(one => one.kind === 'platform')
  const ask = platform === undefined ? '' : `\n${await describePlatform(platform)}`.trimEnd()
  return new CliError('refused', `no task template of yours covers it${ask}`)
}

/** A list that is empty is left out: then it is all that are granted. */
function namespacesOf({ namespaces }: LeaseWay): readonly string[] | undefined {
  return namespaces.length === 0 ? undefined : namespaces
}

function parametersOf({ parameters }: LeaseWay): readonly string[] | undefined {
  const given = Object.entries(parameters)
  const open = given.find(([, value]) => value === '')
  if (open !== undefined) throw new CliError('usage', `the template wants a value: --param ${open[0]}=…`)
  return given.length === 0 ? undefined : given.map(([name, value]) => `${name}=${value}`)
}
