import { Command } from 'commander'
import { findLease } from '../access/find-lease.ts'
import { brokerClient } from '../broker-client.ts'
import { outputOption, toJson } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import type { ShownLease } from './shown-lease.ts'

export function showCommand(terminal: Terminal): Command {
  return new Command('show')
    .description('show a lease: its scope, its end, what was taken of its budgets')
    .argument('[id]', 'the lease (default: the only one there is)')
    .addOption(outputOption())
    .action(async (id: string | undefined, options: { readonly output: string }) => {
      const lease = await findLease(brokerClient(terminal), id === undefined ? {} : { lease: id })
      terminal.print(options.output === 'json' ? toJson(lease) : await describeLease(lease))
    })
}

/** For people: times as they read them. */
async function describeLease({ issuedAt, expiresAt, state, ...rest }: ShownLease): Promise<string> {
  const { stringify } = await import('yaml')
  const ended = 'at' in state ? { ...state, at: new Date(state.at).toISOString() } : state
  const times = { issuedAt: new Date(issuedAt).toISOString(), expiresAt: new Date(expiresAt).toISOString() }
  return stringify({ ...rest, state: ended, ...times }, { lineWidth: 0 })
}
