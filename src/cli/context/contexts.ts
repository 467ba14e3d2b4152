import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { CONTEXT_SETTINGS } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { CliError } from '../cli-error.ts'
import { outputOption, table, toJson } from '../output.ts'
import { settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { type ContextFile, contextPath, readContextFile } from './context-file.ts'

export function contextsCommand(terminal: Terminal): Command {
  return new Command('contexts')
    .argument('[name]', 'the one to use from now on')
    .addOption(outputOption())
    .action(async (name: string | undefined, { output }: { readonly output: string }) => {
      const { context, configFile } = settings(terminal, CONTEXT_SETTINGS)
      const path = contextPath(configFile, terminal.env)
      const file = await readContextFile(path)
      if (file === null) throw new CliError('usage', `there is no ${path}`)
      if (name !== undefined) await use(file, name)
      else terminal.print(output === 'json' ? toJson(shown(file, context)) : list(file, context))
      if (name !== undefined) terminal.note(`${name} is used from now on, where LEASEGATE_CONTEXT names no other\n`)
    })
}

function shown({ contexts, current }: ContextFile, chosen: string | null) {
  const used = chosen ?? current
  return [...contexts].map(([name, context]) => ({
    name,
    current: name === used,
    brokerUrl: context[SETTINGS.brokerUrl.env] ?? null,
  }))
}

function list(file: ContextFile, chosen: string | null): string {
  const rows = shown(file, chosen).map(one => [one.name, one.current ? 'yes' : '', one.brokerUrl ?? ''])
  return table(['context', 'used', 'broker'], rows)
}

/** All else of the file stays as it was written, comments too. */
async function use({ path, contexts }: ContextFile, name: string): Promise<void> {
  if (!contexts.has(name))
    throw new CliError('usage', `no context "${name}" in ${path}: there are ${[...contexts.keys()].join(', ')}`)
  const { parseDocument } = await import('yaml')
  const document = parseDocument(await readFile(path, 'utf8'))
  document.set('current', name)
  const { mode } = await stat(path)
  const next = `${path}.${process.pid}`
  try {
    await writeFile(next, document.toString({ lineWidth: 0 }), { mode: mode & 0o777, flag: 'wx' })
    await rename(next, path)
  } catch (cause) {
    throw new CliError('usage', `cannot write ${path}`, cause)
  }
}
