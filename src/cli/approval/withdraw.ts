import { Command } from 'commander'
import { brokerClient } from '../broker/broker-client.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { SHOWN_APPROVAL } from './shown-approval.ts'

export function withdrawCommand(terminal: Terminal): Command {
  const command = new Command('withdraw')
    .description('as the agent that asked: take a question back, or a yes to it that was not used')
    .argument('<id>', 'the approval')
    .option('--reason <text>', 'why, for people to read', '')
  return telling(command, terminal, async (id: string, { reason }: { readonly reason: string }) => {
    const path = `/v1/approvals/${encodeURIComponent(id)}/withdraw`
    const approval = await brokerClient(terminal)('POST', path, SHOWN_APPROVAL, { reason })
    return { value: approval, text: `${id}  ${approval.state}\n` }
  })
}
