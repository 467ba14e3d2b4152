import { Command } from 'commander'
import { z } from 'zod'
import { printable } from '../../../support/text/printable.ts'
import { brokerClient } from '../../broker/broker-client.ts'
import { CliError } from '../../command/cli-error.ts'
import { outputOption, toJson } from '../../command/output.ts'
import type { Terminal } from '../../command/terminal.ts'

const ENDED = z.object({ auditId: z.string(), by: z.string(), reason: z.string(), cutAt: z.number().nullable() })

interface Options {
  readonly why: string
  readonly output: string
}

const HELP = `
The agent keeps its lease, and may begin another one: leasegate lease revoke ends that too.`

const NOT_CUT =
  'no authorizer said within 3 s that it cut it: it may still be open. See whether it runs: leasegate sessions list --running. If it does, an authorizer does not hear of this: its log says why, such as a user of the store from before this version, which wants the rights of now. If it does not, it is over, or the id is another; should it show up within the hour, it ends at once'

export function endCommand(terminal: Terminal): Command {
  return new Command('end')
    .description('end one session now, and nothing beside it; for approvers, stoppers and admins')
    .argument('<audit-id>', 'of the request that began it: leasegate sessions list --running')
    .requiredOption('--why <text>', 'why, which goes into the record')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (auditId: string, { why, output }: Options) => {
      const path = `/v1/sessions/${encodeURIComponent(auditId)}/end`
      const ended = await brokerClient(terminal)('POST', path, ENDED, { reason: why })
      if (output === 'json') terminal.print(toJson(ended))
      else if (ended.cutAt !== null) terminal.print(`session ${printable(ended.auditId)} was ended\n`)
      if (ended.cutAt === null) throw new CliError('refused', NOT_CUT)
    })
}
