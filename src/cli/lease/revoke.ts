import { Command } from 'commander'
import { brokerClient } from '../broker-client.ts'
import type { Terminal } from '../terminal.ts'
import { revokeDirectly } from './revoke-directly.ts'
import { SHOWN_LEASE } from './shown-lease.ts'

interface Options {
  readonly reason?: string
  readonly direct?: true
}

export function revokeCommand(terminal: Terminal): Command {
  return new Command('revoke')
    .description('end a lease now: the next request is refused, open streams are cut')
    .argument('<id>', 'the lease')
    .option('--reason <text>', 'why; it goes into the record')
    .option('--direct', 'straight in the store, for when the broker is down (wants the settings of the store)')
    .action(async (id: string, { reason = '', direct }: Options) => {
      if (direct === true) await revokeDirectly(terminal, id, reason)
      else await brokerClient(terminal)('DELETE', `/v1/leases/${encodeURIComponent(id)}`, SHOWN_LEASE, { reason })
      terminal.print(`${id} revoked\n`)
    })
}
