import { Command } from 'commander'
import { brokerClient } from '../broker/broker-client.ts'
import type { Terminal } from '../command/terminal.ts'
import { SHOWN_APPROVAL } from './shown-approval.ts'

export function withdrawCommand(terminal: Terminal): Command {
  return new Command('withdraw')
    .description('as the agent that asked: take a question back, or a yes to it that was not used')
    .argument('<id>', 'the approval')
    .option('--reason <text>', 'why, for people to read', '')
    .action(async (id: string, { reason }: { readonly reason: string }) => {
      const path = `/v1/approvals/${encodeURIComponent(id)}/withdraw`
      const { state } = await brokerClient(terminal)('POST', path, SHOWN_APPROVAL, { reason })
      terminal.print(`${id}  ${state}\n`)
    })
}
