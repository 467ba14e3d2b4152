import { Command, Option } from 'commander'
import { brokerClient } from '../broker-client.ts'
import { outputOption, toJson } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { describePlaced, PLACED_HOLD } from './shown-hold.ts'

interface Options {
  readonly reason: string
  readonly for: string
  readonly untilReleased?: true
  readonly output: string
}

export function holdCommand(terminal: Terminal): Command {
  return new Command('hold')
    .description('end all leases of an agent now, and give it no other one until the time is over or it is released')
    .argument('<agent>', 'its name in the policy file')
    .requiredOption('--reason <text>', 'why; the agent is told, and it goes into the record')
    .option('--for <duration>', 'how long, such as 2h or 7d, 30 days at most', '24h')
    .addOption(new Option('--until-released', 'until somebody releases it').conflicts('for'))
    .addOption(outputOption())
    .action(async (agent: string, { reason, for: time, untilReleased, output }: Options) => {
      const wish = { agent, reason, for: untilReleased === true ? null : time }
      const held = await brokerClient(terminal)('POST', '/v1/holds', PLACED_HOLD, wish)
      terminal.print(output === 'json' ? toJson(held) : describePlaced(held))
    })
}
