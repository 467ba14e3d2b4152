import { Command } from 'commander'
import { brokerClient } from '../broker-client.ts'
import type { Terminal } from '../terminal.ts'
import { describe } from './approvals.ts'
import { SHOWN_APPROVAL } from './shown-approval.ts'

export function approveCommand(terminal: Terminal): Command {
  return answerCommand(terminal, 'approve', 'say yes to exactly one request; it can be used once')
}

export function rejectCommand(terminal: Terminal): Command {
  return answerCommand(terminal, 'reject', 'say no to a request')
}

function answerCommand(terminal: Terminal, verb: 'approve' | 'reject', description: string): Command {
  return new Command(verb)
    .description(description)
    .argument('<id>', 'the approval')
    .action(async (id: string) => {
      const path = `/v1/approvals/${encodeURIComponent(id)}/${verb}`
      terminal.print(describe(await brokerClient(terminal)('POST', path, SHOWN_APPROVAL)))
    })
}
