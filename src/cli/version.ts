import { Command } from 'commander'
import { outputOption, toJson } from './command/output.ts'
import type { Terminal } from './command/terminal.ts'
import { isSingleFile } from './command/this-program.ts'

/** Of the package; read when it is asked for alone. */
export async function readVersion(): Promise<string> {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } })
  return manifest.version
}

export function versionCommand(terminal: Terminal): Command {
  return new Command('version').addOption(outputOption()).action(async ({ output }: { readonly output: string }) => {
    const version = await readVersion()
    const { node } = process.versions
    const platform = `${process.platform}-${process.arch}`
    const singleFile = isSingleFile()
    const said = `leasegate ${version} (${singleFile ? 'a single file with ' : ''}Node.js ${node}, ${platform})\n`
    terminal.print(output === 'json' ? toJson({ version, node, platform, singleFile }) : said)
  })
}
