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
    .addHelpText(
      'after',
      '\nexit code 0: it is told; 1: no such request of yours is on record; 2: wrong options; 3: nobody answered, or the broker has no way to the record\n' +
        '\nexample: leasegate why 6f1c7a52-0d6b-4b0e-9d5e-3a1f0c9b7e11',
    )
    .action(async (auditId: string, options: { readonly output: string }) => {
      const explained = await askWhy(brokerClient(terminal), auditId)
      terminal.print(options.output === 'json' ? toJson(explained) : await describeRequest(explained))
    })
}
