import type { BrokerClient } from '../broker/broker-client.ts'
import { readPages } from '../broker/read-pages.ts'
import { CliError } from '../command/cli-error.ts'
import { SHOWN_LEASE, SHOWN_LEASES, type ShownLease } from '../lease/shown-lease.ts'
import type { LeaseChoice } from './lease-choice.ts'

export async function findLease(broker: BrokerClient, { lease, template }: LeaseChoice): Promise<ShownLease> {
  if (lease !== undefined) return broker('GET', `/v1/leases/${encodeURIComponent(lease)}`, SHOWN_LEASE)
  const all = await readPages(query => broker('GET', `/v1/leases${query}`, SHOWN_LEASES))
  // What stands for one that waits opens nothing.
  const leases = all.filter(({ waits }) => waits === undefined)
  return template === undefined ? onlyOne(leases) : newestOf(template, leases)
}

/** What another agent handed over is named: nobody works under it for having asked for nothing else, or finds it in the way. */
function onlyOne(all: readonly ShownLease[]): ShownLease {
  const leases = all.filter(({ delegated }) => delegated === undefined)
  const [only] = leases
  const handed = all.filter(one => one.delegated !== undefined && one.handedOn !== true).map(({ id }) => id)
  if (only === undefined && handed.length > 0)
    throw new CliError('usage', `what was handed to you is named with --lease: ${handed.join(', ')}`)
  if (only === undefined) throw noLease('you hold no lease', 'NAME')
  if (leases.length === 1) return only
  throw new CliError(
    'usage',
    `you hold several leases, name one with --lease: ${leases.map(lease => lease.id).join(', ')}`,
  )
}

/** A narrower lease made from another is for one helper of the agent, who has its id: nobody falls into it by being late. */
function newestOf(template: string, leases: readonly ShownLease[]): ShownLease {
  const [newest] = leases
    .filter(lease => lease.template === template && lease.state.kind === 'active' && lease.ancestors.length === 0)
    .toSorted((a, b) => b.issuedAt - a.issuedAt)
  if (newest === undefined) throw noLease(`you hold no lease of template "${template}"`, template)
  return newest
}

function noLease(what: string, template: string): CliError {
  return new CliError('refused', `${what}; get one with: leasegate lease request --template ${template} --reason WHY`)
}
