import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { outputOption, toJson } from './output.ts'
import type { Terminal } from './terminal.ts'

/** Of the package; read when it is asked for alone. */
export async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

export function versionCommand(terminal: Terminal): Command {
  return new Command('version').addOption(outputOption()).action(async ({ output }: { readonly output: string }) => {
    const version = await readVersion()
    const { node } = process.versions
    const platform = `${process.platform}-${process.arch}`
    const said = `leasegate ${version} (Node.js ${node}, ${platform})\n`
    terminal.print(output === 'json' ? toJson({ version, node, platform }) : said)
  })
}
