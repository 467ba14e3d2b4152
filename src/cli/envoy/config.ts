import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { podFiles, readPodSettings } from '../../../envoy/pod-files.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'

interface Options {
  readonly settings: string
  readonly out: string
}

export function configCommand(terminal: Terminal): Command {
  const command = new Command('config')
    .description(
      'write all files of an Envoy, from what an installation knows; the chart has it done before each Envoy starts',
    )
    .requiredOption('--settings <file>', 'JSON, as in the ConfigMap of the chart')
    .requiredOption('--out <directory>', 'where Envoy finds them; envoy.json is what it is started with')
  return telling(command, terminal, async ({ settings: file, out }: Options) => {
    const read = readPodSettings(await readText(file))
    if (read.kind === 'problems') {
      throw new CliError('usage', read.problems.map(problem => `${file}: ${problem}`).join('\n'))
    }
    const directory = resolve(out)
    const files = podFiles(read.settings, directory)
    for (const [name, text] of Object.entries(files)) await write(join(directory, name), text)
    const value = { written: Object.keys(files).map(name => join(directory, name)) }
    return { value, text: `${join(directory, 'envoy.json')} is written\n` }
  })
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(error => {
    throw new CliError('usage', `${file} cannot be read: ${(error as Error).message}`, error)
  })
}

function write(file: string, text: string): Promise<void> {
  return writeFile(file, text).catch(error => {
    throw new CliError('usage', `${file} cannot be written: ${(error as Error).message}`, error)
  })
}
