import { readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import type { Environment } from '../../config/read-config.ts'
import { CONTEXT_SETTINGS } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, table, toJson } from '../command/output.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { type ContextFile, contextPath, noContext, readContextFile } from './context-file.ts'

export function contextsCommand(terminal: Terminal): Command {
  return new Command('contexts')
    .argument('[name]', 'the one to use from now on')
    .addOption(outputOption())
    .action(async (name: string | undefined, { output }: { readonly output: string }) => {
      const { context: named, configFile } = settings(terminal, CONTEXT_SETTINGS)
      const path = contextPath(configFile, terminal.env)
      const file = await readContextFile(path)
      if (file === null) throw new CliError('usage', `there is no ${path}`)
      const used = terminal.env[SETTINGS.brokerUrl.env] === undefined ? (named ?? file.current) : null
      if (name === undefined) {
        terminal.print(output === 'json' ? toJson(shown(file, used)) : list(file, used))
      } else {
        await use(file, name)
        terminal.note(`${name} is the current one from now on${unlessOther(terminal.env, named)}\n`)
      }
    })
}

function shown({ contexts }: ContextFile, used: string | null) {
  return [...contexts].map(([name, context]) => ({
    name,
    current: name === used,
    brokerUrl: context[SETTINGS.brokerUrl.env] ?? null,
  }))
}

function list(file: ContextFile, used: string | null): string {
  const rows = shown(file, used).map(one => [one.name, one.current ? 'yes' : '', one.brokerUrl ?? ''])
  return table(['context', 'used', 'broker'], rows)
}

/** What the environment says goes before it. */
function unlessOther(env: Environment, named: string | null): string {
  const broker = env[SETTINGS.brokerUrl.env]
  if (broker !== undefined) return `; it is not used here, where ${SETTINGS.brokerUrl.env} names ${broker}`
  return named === null ? '' : `; it is not used here, where ${SETTINGS.context.env} names ${named}`
}

/** All else of the file stays as it was written, comments too. */
async function use(given: ContextFile, name: string): Promise<void> {
  const { path, contexts } = given
  if (!contexts.has(name)) throw noContext(name, path, given)
  const { parseDocument } = await import('yaml')
  try {
    // Of a link, what it leads to.
    const file = await realpath(path)
    const document = parseDocument(await readFile(file, 'utf8'))
    document.set('current', name)
    const { mode } = await stat(file)
    const next = `${file}.${process.pid}`
    await writeFile(next, document.toString({ lineWidth: 0 }), { mode: mode & 0o777, flag: 'wx' })
    await rename(next, file)
  } catch (cause) {
    throw new CliError('usage', `cannot write ${path}`, cause)
  }
}
