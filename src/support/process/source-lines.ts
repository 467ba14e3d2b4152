import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join } from 'node:path'

/** By file of the program; null for one that has no map. */
const known = new Map<string, SourceMap | null>()

/**
 * Has stack traces name the lines of the source that a program in a few files was made of. Node.js can do that by itself (`--enable-source-maps`), and
 * reads the map of each file before it runs it: a seventh of a start, for what is needed when something fails.
 */
export function nameSourceLines(): void {
  Error.prepareStackTrace = (error, sites) => [said(error), ...sites.map(site => `    at ${inSource(site)}`)].join('\n')
}

/** What failed is told, whatever was thrown. */
function said(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'Error'
  }
}

function inSource(site: NodeJS.CallSite): string {
  const told = String(site)
  const [file, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()]
  if (file == null || line === null || column === null || !file.endsWith('.cjs')) return told
  const found = mapOf(file)?.findEntry(line - 1, column - 1)
  if (found === undefined || !('originalSource' in found)) return told
  const source = join(dirname(file), found.originalSource)
  return told.replace(`${file}:${line}:${column}`, `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`)
}

function mapOf(file: string): SourceMap | null {
  const before = known.get(file)
  if (before !== undefined) return before
  const map = readMap(`${file}.map`)
  known.set(file, map)
  return map
}

/** Null for none, and for one that cannot be read: what failed is told all the same. */
function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}
