import { Command } from 'commander'
import { stringify } from 'yaml'
import { brokerClient } from '../broker-client.ts'
import { outputOption, toJson } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { SHOWN_LEASE } from './shown-lease.ts'

export function showCommand(terminal: Terminal): Command {
  return new Command('show')
    .description('show a lease: its scope, its end, what was taken of its budgets')
    .argument('<id>', 'the lease')
    .addOption(outputOption())
    .action(async (id: string, options: { readonly output: string }) => {
      const lease = await brokerClient(terminal)('GET', `/v1/leases/${encodeURIComponent(id)}`, SHOWN_LEASE)
      const { issuedAt, expiresAt, ...rest } = lease
      const times = { issuedAt: new Date(issuedAt).toISOString(), expiresAt: new Date(expiresAt).toISOString() }
      terminal.print(options.output === 'json' ? toJson(lease) : stringify({ ...rest, ...times }, { lineWidth: 0 }))
    })
}
