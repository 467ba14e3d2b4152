import { Command } from 'commander'
import { brokerClient } from '../broker/broker-client.ts'
import { outputOption, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { askWhy } from './ask-why.ts'
import { describeRequest } from './describe-request.ts'

export function whyCommand(terminal: Terminal): Command {
  return new Command('why')
    .argument(
      '<audit-id>',
      'of the answer: its Audit-Id header, LeasegateAuditID among its causes, audit_id in the record',
    )
    .addOption(outputOption())
    .action(async (auditId: string, options: { readonly output: string }) => {
      const explained = await askWhy(brokerClient(terminal), auditId)
      terminal.print(options.output === 'json' ? toJson(explained) : await describeRequest(explained))
    })
}
