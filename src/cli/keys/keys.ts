import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { generateKeyFiles } from '../../identity/token/keys.ts'
import { CliError } from '../cli-error.ts'
import type { Terminal } from '../terminal.ts'
import { listCommand, rotateCommand } from './rotate.ts'

export function keysCommand(terminal: Terminal): Command {
  return new Command('keys')
    .description('keys that sign leases')
    .addCommand(initCommand(terminal))
    .addCommand(listCommand(terminal))
    .addCommand(rotateCommand(terminal))
}

function initCommand(terminal: Terminal): Command {
  return new Command('init')
    .description('make a new pair: signing.jwks.json for the broker alone, public.jwks.json for the authorizers')
    .option('--dir <folder>', 'where to', '.')
    .action(async ({ dir }: { readonly dir: string }) => {
      const files = await generateKeyFiles()
      const signing = join(dir, 'signing.jwks.json')
      const verify = join(dir, 'public.jwks.json')
      await mkdir(dir, { recursive: true }).catch(cause => failed(dir, cause))
      await writeNew(signing, files.signing, 0o600)
      await writeNew(verify, files.verify, 0o644)
      terminal.print(`${signing}\n${verify}\n`)
    })
}

/** Never over an older key: leases signed with it would end. */
async function writeNew(file: string, text: string, mode: number): Promise<void> {
  await writeFile(file, text, { mode, flag: 'wx' }).catch(cause => failed(file, cause))
}

function failed(file: string, cause: NodeJS.ErrnoException): never {
  const why = cause.code === 'EEXIST' ? 'it exists already' : (cause.code ?? 'unknown error')
  throw new CliError('usage', `cannot write ${file}: ${why}`, cause)
}
