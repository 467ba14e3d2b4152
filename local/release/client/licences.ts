import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'

const ALLOWED = new Set(['Apache-2.0', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC'])

/** Texts of licences of packages that others have compiled into theirs, looked at once: `name@version.txt`, with + for a slash. */
const VENDORED = join(import.meta.dirname, 'vendored')

/** What stands between the texts of two packages. */
export const BETWEEN = `\n${'-'.repeat(78)}\n\n`

/** Names, licences and their texts, of the packages that these files are of. Rejects for a licence that is not one of ours. */
export async function licencesOf(sources: readonly string[]): Promise<string> {
  const { folders, within } = await packagesIn(sources)
  const texts = await Promise.all([...folders.map(licenceIn), ...within.map(vendoredLicence)])
  return texts.join(BETWEEN)
}

interface Packages {
  /** Where they are installed. */
  readonly folders: readonly string[]
  /** `name@version` of those that others have compiled into theirs. */
  readonly within: readonly string[]
}

/** The packages that these files are of. */
export async function packagesIn(sources: readonly string[]): Promise<Packages> {
  const folders = new Set(sources.flatMap(source => packageFolder(source) ?? []))
  const within = new Set<string>()
  for (const source of sources)
    if (packageFolder(source) !== null) for (const name of await vendoredIn(source)) within.add(name)
  return { folders: [...folders].sort(), within: [...within].sort() }
}

/** `name@version` of what was compiled into a file, as bundlers say where its regions came from. */
async function vendoredIn(source: string): Promise<readonly string[]> {
  const text = await readFile(source, 'utf8')
  const regions = text.matchAll(/^\/\/#region \S*node_modules\/\.pnpm\/((?:@[^+/\s]+\+)?[^@/\s]+@[^_(/\s]+)/gm)
  return [...regions].map(([, name = '']) => name)
}

async function vendoredLicence(name: string): Promise<string> {
  const text = await readFile(join(VENDORED, `${name}.txt`), 'utf8').catch(() => {
    throw new Error(`${name} is compiled into a package, and there is no text of its licence in ${VENDORED}`)
  })
  return `${name.replace(/@(?=[^@]*$)/, ' ')} (within another package)\n\n${text.trim()}\n`
}

/** Null for what is no package's. */
function packageFolder(source: string): string | null {
  const parts = source.split(sep)
  const at = parts.lastIndexOf('node_modules')
  if (at < 0) return null
  return parts.slice(0, at + (parts[at + 1]?.startsWith('@') ? 3 : 2)).join(sep)
}

/** Of the package in this folder. */
export async function licenceIn(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly [key: string]: string
  }
  if (!ALLOWED.has(license ?? '')) throw new Error(`${name} ${version}: its licence is ${license}`)
  const files = (await readdir(folder)).filter(file => /^(?:licen[cs]e|notice)(?:\.|-|$)/i.test(file)).sort()
  if (files.length === 0) throw new Error(`${name} ${version}: it brings no text of its licence`)
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')))
  return `${name} ${version} (${license})\n\n${texts.map(text => text.trim()).join('\n\n')}\n`
}
