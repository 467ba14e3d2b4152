import type { Parse } from './parsers.ts'
import { SETTINGS, type Setting, type SettingKey } from './settings.ts'

type Value<S> = S extends { readonly parse: Parse<infer T> }
  ? S extends { readonly fallback: null }
    ? T | null
    : T
  : never

/** The values of the settings that a process wants, by key. */
export type Config<K extends SettingKey> = { readonly [P in K]: Value<(typeof SETTINGS)[P]> }

export type Environment = Readonly<Record<string, string | undefined>>

export type ReadConfig<K extends SettingKey> =
  | { readonly kind: 'ok'; readonly config: Config<K> }
  /** All of them, each naming its variable; values are never repeated. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

/** Read by the scripts in `local/`, and handed down to the processes they start. */
const LOCAL = ['LEASEGATE_CACHE_DIR']
const KNOWN: ReadonlySet<string> = new Set([...Object.values(SETTINGS).map(setting => setting.env), ...LOCAL])

/** Reads the wanted settings. A LEASEGATE_ variable that no process knows is a problem: it is a misspelt one. */
export function readConfig<const K extends SettingKey>(env: Environment, wanted: readonly K[]): ReadConfig<K> {
  const problems: string[] = Object.keys(env)
    .filter(name => name.startsWith('LEASEGATE_') && !KNOWN.has(name))
    .sort()
    .map(name => `${name} is not a setting`)
  const entries = wanted.map(key => {
    const setting: Setting<unknown> = SETTINGS[key]
    const given = env[setting.env] ?? setting.fallback
    if (given === undefined) problems.push(`${setting.env} is not set: ${setting.doc}`)
    if (given === undefined || given === null) return [key, null]
    const parsed = setting.parse(given)
    if (parsed.kind === 'ok') return [key, parsed.value]
    problems.push(`${setting.env} ${parsed.message}`)
    return [key, null]
  })
  if (problems.length > 0) return { kind: 'problems', problems }
  return { kind: 'ok', config: Object.fromEntries(entries) }
}
