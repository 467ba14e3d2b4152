import { Command } from 'commander'
import { timeLeft } from '../../support/time/time-left.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { mustBeWhole, readWhatIsThere } from '../broker/read-pages.ts'
import { outputOption, table, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { SHOWN_LEASES, type ShownLease } from './shown-lease.ts'

export function listCommand(terminal: Terminal): Command {
  return new Command('list')
    .description('list the leases that have not ended: your own and those you handed on, or everybody’s for people')
    .addOption(outputOption())
    .action(async (options: { readonly output: string }) => {
      const broker = brokerClient(terminal)
      const read = (query: string) => broker('GET', `/v1/leases${query}`, SHOWN_LEASES)
      const { items: leases, missing } = await readWhatIsThere(read, terminal.note)
      terminal.print(options.output === 'json' ? toJson(leases) : describeAll(leases, missing))
      mustBeWhole(missing)
    })
}

function describeAll(leases: readonly ShownLease[], missing: readonly string[]): string {
  if (leases.length === 0) return missing.length === 0 ? 'no leases\n' : ''
  const now = Date.now()
  const rows = leases.map(({ id, agent, delegated, sponsor, template, namespaces, expiresAt, waits }) => [
    id,
    delegated === undefined ? agent : `${agent} (from ${delegated.by})`,
    sponsor,
    waits === undefined ? template : `${template} (waits for ${waits.approval})`,
    namespaces.join(','),
    timeLeft(expiresAt, now),
  ])
  return table(['lease', 'agent', 'sponsor', 'template', 'namespaces', 'left'], rows)
}
