import { chmod, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { parse } from 'yaml'
import { shellQuote } from '../../proof/shell-quote.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { toJson } from '../command/output.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import type { ShownLease } from '../lease/shown-lease.ts'
import { findLease } from './find-lease.ts'
import { KUBECONFIG_SETTINGS, type KubeconfigChoice, kubeconfigFor } from './kubeconfig-for.ts'
import { execApiOption, type LeaseChoice, templateOption } from './lease-choice.ts'

interface Options extends KubeconfigChoice {
  readonly out?: string
  readonly output: string
}

export function kubeconfigCommand(terminal: Terminal): Command {
  return new Command('kubeconfig')
    .option('--lease <id>', 'the lease (default: the only one you hold)')
    .addOption(templateOption())
    .option('--plugin <command>', 'what fetches tokens, such as leasegate (default: this very program, by its path)')
    .addOption(execApiOption())
    .option('--out <file>', 'where to (default: standard output)')
    .addOption(new Option('-o, --output <format>', 'how to write it').choices(['yaml', 'json']).default('yaml'))
    .action(async ({ out, output, ...choice }: Options) => {
      const config = settings(terminal, KUBECONFIG_SETTINGS)
      const found = await findLease(brokerClient(terminal), choice)
      const yaml = await kubeconfigFor(found, choice, config)
      const text = output === 'json' ? toJson(parse(yaml)) : yaml
      if (out === undefined) terminal.print(text)
      else {
        await write(out, text)
        terminal.note(written(out, found, choice))
      }
    })
}

function written(file: string, { id, namespaces, expiresAt }: ShownLease, { template }: LeaseChoice): string {
  const what =
    template === undefined
      ? `lease ${id}, until ${new Date(expiresAt).toISOString()}`
      : `the newest lease of ${template}`
  const others = namespaces.filter(one => one !== '*').slice(1)
  const beside = others.length === 0 ? '' : `  also granted, with --namespace: ${others.join(', ')}\n`
  return `${file} written for ${what}\n${beside}  next: export KUBECONFIG=${shellQuote(resolve(file))}\n`
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 })
    await chmod(file, 0o600)
  } catch (cause) {
    throw new CliError('usage', `cannot write ${file}`, cause)
  }
}
