import { Command } from 'commander'
import { BUDGETS } from '../../lease/lease.ts'
import { findLease } from '../access/find-lease.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { outputOption, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import type { ShownLease } from './shown-lease.ts'
import { whatIsLeft } from './what-is-left.ts'

export function showCommand(terminal: Terminal): Command {
  return new Command('show')
    .description('show a lease: what can still be done under it, its scope, its end, what was taken of its budgets')
    .argument('[id]', 'the lease (default: the only one there is)')
    .addOption(outputOption())
    .action(async (id: string | undefined, options: { readonly output: string }) => {
      const lease = await findLease(brokerClient(terminal), id === undefined ? {} : { lease: id })
      terminal.print(options.output === 'json' ? toJson(lease) : await describeLease(lease))
    })
}

/** For people: what can still be done, then all of it with times as they read them. */
async function describeLease(lease: ShownLease): Promise<string> {
  const { issuedAt, expiresAt, state, ...rest } = lease
  const { stringify } = await import('yaml')
  const ended = 'at' in state ? { ...state, at: new Date(state.at).toISOString() } : state
  const times = { issuedAt: new Date(issuedAt).toISOString(), expiresAt: new Date(expiresAt).toISOString() }
  const words = whatIsLeft(lease, Date.now()).map(line => `# ${line}\n`)
  return `${words.join('')}\n${stringify({ ...rest, left: leftOf(lease), state: ended, ...times }, { lineWidth: 0 })}`
}

/** Of its budgets; that of a second comes back by itself. */
function leftOf({ budgets, taken }: ShownLease): Readonly<Record<string, number>> {
  const left = BUDGETS.flatMap(budget => {
    const most = budgets[budget]
    if (most === undefined || budget === 'requestsPerSecond') return []
    return [[budget, Math.max(0, most - (taken[budget] ?? 0))] as const]
  })
  return Object.fromEntries(left)
}
