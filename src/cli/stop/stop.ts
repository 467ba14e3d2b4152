import { Command } from 'commander'
import { isLeaseId } from '../../lease/lease-id.ts'
import type { StopAct } from '../../lease/stop/stop.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { doAct } from './do-act.ts'
import { describeDone } from './shown-stop.ts'
import { addWhich, type Which, wantedSubject } from './which.ts'

interface Options extends Which {
  readonly reason: string
  readonly direct?: true
  readonly output: string
}

export function stopCommand(terminal: Terminal): Command {
  return acting(terminal, 'stop')
}

export function startCommand(terminal: Terminal): Command {
  return acting(terminal, 'start')
}

export function freezeCommand(terminal: Terminal): Command {
  return ofOne(
    terminal,
    'freeze',
    'let nothing run under a lease, or all of a subject, until it is thawed: streams are cut, nothing ends',
  )
}

export function thawCommand(terminal: Terminal): Command {
  return ofOne(terminal, 'thaw', 'let leases that were frozen go on')
}

function acting(terminal: Terminal, act: StopAct): Command {
  return options(new Command(act)).action((given: Options) => run(terminal, act, undefined, given))
}

function ofOne(terminal: Terminal, act: StopAct, description: string): Command {
  const command = new Command(act).description(description).argument('[id]', 'one lease')
  return options(command).action((id: string | undefined, given: Options) => run(terminal, act, id, given))
}

function options(command: Command): Command {
  return addWhich(command)
    .requiredOption('--reason <text>', 'why; agents are told, and it goes into the record')
    .option('--direct', 'straight in the store, for when the broker is down (wants the settings of the store)')
    .addOption(outputOption())
}

async function run(terminal: Terminal, act: StopAct, id: string | undefined, given: Options): Promise<void> {
  const { reason, direct, gone, output } = given
  const subject = wantedSubject(id, given)
  if (id !== undefined && !isLeaseId(id)) throw new CliError('usage', `"${id}" is no lease id`)
  const stands = await doAct(terminal, { act, subject, reason, direct: direct === true, gone: gone === true })
  terminal.print(output === 'json' ? toJson(stands) : describeDone(act, stands))
}
