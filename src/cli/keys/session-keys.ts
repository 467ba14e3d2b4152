import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { type KeyRing, parseKeyFile, withNewKey } from '../../session/store/keys/key-file.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { failed, writeNew } from './write-new.ts'

interface Options {
  readonly dir: string
  readonly add?: true
}

export function sessionKeysCommand(terminal: Terminal): Command {
  const command = new Command('sessions')
    .description(
      'make a new file of keys that wrap those of recorded sessions: session.keys.json, for taps and who reads',
    )
    .option('--dir <folder>', 'where to', '.')
    .option(
      '--add',
      'put a new key into the file that is there: it wraps from then on, the others open what they wrapped',
    )
  return telling(command, terminal, async ({ dir, add }: Options) => {
    const file = join(dir, 'session.keys.json')
    await mkdir(dir, { recursive: true }).catch(cause => failed(dir, cause))
    const { text, id } = withNewKey(add === true ? await readRing(file) : [])
    if (add === true) await replace(file, text)
    else await writeNew(file, text, 0o600)
    return { value: { file, wraps: id }, text: `${file}: ${id} wraps\n` }
  })
}

async function readRing(file: string): Promise<KeyRing> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CliError('usage', `cannot read ${file}: ${cause.code ?? 'unknown error'}`, cause)
  })
  const parsed = parseKeyFile(text)
  if (parsed.kind === 'problem') throw new CliError('usage', `${file} ${parsed.message}`)
  return parsed.value
}

/** A tap sees the old file or the new one. */
async function replace(file: string, text: string): Promise<void> {
  const partial = `${file}.${randomUUID()}`
  await writeNew(partial, text, 0o600)
  await rename(partial, file).catch(async cause => {
    await rm(partial, { force: true })
    failed(file, cause)
  })
}
