import { Command } from 'commander'
import { brokerClient } from '../broker/broker-client.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { SHOWN_HOLD } from './shown-hold.ts'

export function releaseCommand(terminal: Terminal): Command {
  const command = new Command('release')
    .description('end the hold of an agent: it may ask for leases again; those that ended stay ended')
    .argument('<agent>', 'its name')
    .option('--reason <text>', 'why; it goes into the record')
  return telling(command, terminal, async (agent: string, { reason = '' }: { readonly reason?: string }) => {
    const path = `/v1/holds/${encodeURIComponent(agent)}`
    const hold = await brokerClient(terminal)('DELETE', path, SHOWN_HOLD, { reason })
    return { value: hold, text: `${agent} released (it was held by ${hold.by})\n` }
  })
}
