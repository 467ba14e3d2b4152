import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'

const ALLOWED = new Set(['Apache-2.0', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC'])

/** Names, licences and their texts, of the packages that these files are of. Rejects for a licence that is not one of ours. */
export async function licencesOf(sources: readonly string[]): Promise<string> {
  const folders = new Set(sources.flatMap(source => packageFolder(source) ?? []))
  const texts = await Promise.all([...folders].sort().map(licenceIn))
  return texts.join(`\n${'-'.repeat(78)}\n\n`)
}

/** Null for what is no package's. */
function packageFolder(source: string): string | null {
  const parts = source.split(sep)
  const at = parts.lastIndexOf('node_modules')
  if (at < 0) return null
  return parts.slice(0, at + (parts[at + 1]?.startsWith('@') ? 3 : 2)).join(sep)
}

async function licenceIn(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly [key: string]: string
  }
  if (!ALLOWED.has(license ?? '')) throw new Error(`${name} ${version}: its licence is ${license}`)
  const files = (await readdir(folder)).filter(file => /^(?:licen[cs]e|notice)(?:\.|-|$)/i.test(file)).sort()
  if (files.length === 0) throw new Error(`${name} ${version}: it brings no text of its licence`)
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')))
  return `${name} ${version} (${license})\n\n${texts.map(text => text.trim()).join('\n\n')}\n`
}
