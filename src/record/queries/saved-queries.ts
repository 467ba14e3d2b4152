import { readdirSync, readFileSync } from 'node:fs'

export interface QueryParam {
  readonly name: string
  /** ClickHouse type. */
  readonly type: string
  /** Null: must be given. */
  readonly fallback: string | null
  readonly doc: string
}

export interface SavedQuery {
  readonly name: string
  readonly description: string
  readonly params: readonly QueryParam[]
  readonly sql: string
}

/** The .sql files beside this one, by name. Their first lines say what they are for. */
export function savedQueries(directory: URL = new URL('.', import.meta.url)): readonly SavedQuery[] {
  return readdirSync(directory)
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map(file => toSavedQuery(file.slice(0, -'.sql'.length), readFileSync(new URL(file, directory), 'utf8')))
}

/** First line `-- what it answers`, then a line `-- param name: doc` or `-- param name = default: doc` for each parameter. */
function toSavedQuery(name: string, text: string): SavedQuery {
  const lines = text.split('\n')
  const header = lines.slice(
    0,
    lines.findIndex(line => !line.startsWith('--')),
  )
  const docs = header.flatMap(line => toDoc(line) ?? [])
  const types = new Map([...text.matchAll(/\{(\w+):([^{}]+)\}/g)].map(([, param = '', type = '']) => [param, type]))
  return {
    name,
    description: header[0]?.replace(/^--\s*/, '') ?? '',
    params: docs.map(doc => ({ ...doc, type: types.get(doc.name) ?? 'String' })),
    sql: lines.slice(header.length).join('\n').trim(),
  }
}

function toDoc(line: string): Omit<QueryParam, 'type'> | null {
  const match = /^-- param (\w+)(?: =([^:]*))?: (.*)$/.exec(line)
  if (match === null) return null
  const [, name = '', fallback, doc = ''] = match
  return { name, fallback: fallback?.trim() ?? null, doc }
}
