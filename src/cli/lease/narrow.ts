import { Command } from 'commander'
import { BUDGETS } from '../../lease/lease.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { SHOWN_LEASE, type ShownLease } from './shown-lease.ts'

interface Options {
  readonly readOnly?: true
  readonly verb?: readonly string[]
  readonly resource?: readonly string[]
  readonly name?: readonly string[]
  readonly namespace?: readonly string[]
  readonly ttl?: string
  readonly budget?: readonly string[]
  readonly reason?: string
  readonly output: string
}

const READS = ['get', 'list', 'watch']

export function narrowCommand(terminal: Terminal): Command {
  return new Command('narrow')
    .description('make a live lease smaller, for good: of what you name only that is left, and all else stays as it is')
    .argument('<id>', 'the lease')
    .option('--read-only', 'only get, list and watch')
    .option('--verb <verb...>', 'only these verbs')
    .option('--resource <resource...>', 'only these resources, such as pods or pods/log')
    .option('--name <name...>', 'only objects of these names')
    .option('--namespace <name...>', 'only these namespaces; rules for the cluster stay')
    .option('--ttl <duration>', 'end so long from now, if it does not end sooner')
    .option('--budget <name=count...>', `no more than so many in all: ${BUDGETS.join(', ')}`)
    .option('--reason <text>', 'why; it goes into the record')
    .addOption(outputOption())
    .action(async (id: string, { output, ...options }: Options) => {
      const path = `/v1/leases/${encodeURIComponent(id)}/narrow`
      const lease = await brokerClient(terminal)('POST', path, SHOWN_LEASE, toWish(options))
      terminal.print(output === 'json' ? toJson(lease) : describe(lease))
    })
}

function toWish({ readOnly, verb, resource, name, namespace, ttl, budget, reason }: Omit<Options, 'output'>): object {
  if (readOnly === true && verb !== undefined) throw new CliError('usage', '--read-only or --verb, not both')
  const verbs = readOnly === true ? READS : verb
  return {
    ...(verbs && { verbs }),
    ...(resource && { resources: resource }),
    ...(name && { names: name }),
    ...(namespace && { namespaces: namespace }),
    ...(ttl && { ttl }),
    ...(budget && { budgets: Object.fromEntries(budget.map(toBudget)) }),
    ...(reason && { reason }),
  }
}

function toBudget(text: string): readonly [string, number] {
  const [name = '', count = ''] = text.split('=')
  if (/^\d{1,9}$/.test(count) && BUDGETS.some(one => one === name)) return [name, Number(count)]
  throw new CliError('usage', `--budget is NAME=COUNT, such as mutations=0; names: ${BUDGETS.join(', ')}`)
}

function describe({ id, namespaces, expiresAt, narrowed }: ShownLease): string {
  if (narrowed === undefined) return `${id} has no more than that already\n`
  const where = namespaces.length === 0 ? 'the cluster-scoped rules alone' : namespaces.join(', ')
  return `${id} narrowed: ${where}, ends in ${timeLeft(expiresAt + 500, Date.now())}\n  what is left: leasegate lease show ${id}\n`
}
