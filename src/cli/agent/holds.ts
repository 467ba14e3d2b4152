import { Command } from 'commander'
import { timeLeft } from '../../support/time/time-left.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { outputOption, table, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { SHOWN_HOLDS, type ShownHold } from './shown-hold.ts'

export function holdsCommand(terminal: Terminal): Command {
  return new Command('holds')
    .description('list the agents that are held now; earlier ones: leasegate query holds')
    .addOption(outputOption())
    .action(async ({ output }: { readonly output: string }) => {
      const { holds } = await brokerClient(terminal)('GET', '/v1/holds', SHOWN_HOLDS)
      terminal.print(output === 'json' ? toJson(holds) : describeAll(holds))
    })
}

function describeAll(holds: readonly ShownHold[]): string {
  if (holds.length === 0) return 'no agent is held\n'
  const rows = holds.map(({ agent, by, reason, until }) => [
    agent,
    until === null ? 'released' : new Date(until).toISOString(),
    until === null ? '-' : timeLeft(until, Date.now()),
    by,
    reason,
  ])
  return table(['agent', 'until', 'left', 'by', 'reason'], rows)
}
