import { Command, Option } from 'commander'
import { parseHoldTime } from '../../policy/file/values/duration.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { describePlaced, PLACED_HOLD, type PlacedHold } from './shown-hold.ts'

interface Options {
  readonly reason: string
  readonly for: string
  readonly untilReleased?: true
  readonly direct?: true
  readonly output: string
}

export function holdCommand(terminal: Terminal): Command {
  return new Command('hold')
    .description('end all leases of an agent now, and give it no other one until the time is over or it is released')
    .argument('<agent>', 'its name in the policy file')
    .requiredOption('--reason <text>', 'why; the agent is told, and it goes into the record')
    .option('--for <duration>', 'how long, such as 2h or 7d, 30 days at most', '24h')
    .addOption(new Option('--until-released', 'until somebody releases it').conflicts('for'))
    .option('--direct', 'straight in the store, for when the broker is down (wants the settings of the store)')
    .addOption(outputOption())
    .action(async (agent: string, { reason, for: time, untilReleased, direct, output }: Options) => {
      const wish = { agent, reason, for: untilReleased === true ? null : time }
      const held =
        direct === true
          ? await placeDirectly(terminal, wish)
          : await brokerClient(terminal)('POST', '/v1/holds', PLACED_HOLD, wish)
      terminal.print(output === 'json' ? toJson(held) : describePlaced(held))
    })
}

async function placeDirectly(
  terminal: Terminal,
  { agent, reason, for: time }: { readonly agent: string; readonly reason: string; readonly for: string | null },
): Promise<PlacedHold> {
  const forMs = time === null ? null : parseHoldTime(time)
  if (time !== null && forMs === null) {
    throw new CliError('usage', '--for must be a duration such as 30m, 2h or 7d, 30 days at most')
  }
  const { holdDirectly } = await import('../direct/hold-directly.ts')
  const { hold, ended } = await holdDirectly(terminal, { agent, reason, forMs })
  return { ...hold, ended: [...ended] }
}
