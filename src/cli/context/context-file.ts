import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import type { Environment } from '../../config/read-config.ts'
import { CLIENT_SETTINGS } from '../../config/settings/client.ts'
import { CliError } from '../command/cli-error.ts'

/** One boundary, as variables of the environment name it. */
export type Context = Readonly<Record<string, string>>

export interface ContextFile {
  readonly path: string
  /** What it names itself; null where it names none and has not exactly one. */
  readonly current: string | null
  readonly contexts: ReadonlyMap<string, Context>
}

const OTHERS_WRITE = 0o022
const MAX_BYTES = 262_144
const { context: _, configFile: __, ...SETTINGS } = CLIENT_SETTINGS
const KEYS = Object.keys(SETTINGS) as readonly (keyof typeof SETTINGS)[]
/** What a context says, as the environment names it. */
export const CONTEXT_VARIABLES: readonly string[] = KEYS.map(key => SETTINGS[key].env)
const FILE = z.strictObject({
  current: z.string().optional(),
  contexts: z.record(z.string(), z.partialRecord(z.enum(KEYS), z.string())),
})

/** Where it is: the one that was named, or `leasegate/config.yaml` where programs of this user have their configuration. */
export function contextPath(given: string | null, env: Environment): string {
  if (given !== null) return given
  const home = env['XDG_CONFIG_HOME'] || ''
  return join(isAbsolute(home) ? home : join(env['HOME'] || homedir(), '.config'), 'leasegate', 'config.yaml')
}

/** null where there is none. Throws a CliError that names file and place for one that cannot be used. */
export async function readContextFile(path: string): Promise<ContextFile | null> {
  const text = await readOwn(path)
  if (text === null) return null
  const { parse } = await import('yaml')
  const read = FILE.safeParse(parsed(path, () => parse(text)))
  if (!read.success) throw unusable(path, read.error.issues.map(describe).join('; '))
  const contexts = new Map(Object.entries(read.data.contexts).map(([name, given]) => [name, toContext(given, path)]))
  const { current = contexts.size === 1 ? ([...contexts.keys()][0] ?? null) : null } = read.data
  if (current !== null && !contexts.has(current)) throw unusable(path, `current: there is no context "${current}"`)
  return { path, current, contexts }
}

/** Of a file that is not there nothing is in it. */
export function noContext(name: string, path: string, file: ContextFile | null): CliError {
  const there = file === null ? 'there is no such file' : `there are ${[...file.contexts.keys()].join(', ') || 'none'}`
  return new CliError('usage', `no context "${name}" in ${path}: ${there}`)
}

/** It says which broker gets our identity token: nobody else may write it. */
async function readOwn(path: string): Promise<string | null> {
  try {
    await using file = await open(path, 'r')
    const { mode, uid, size } = await file.stat()
    const isOurs = uid === 0 || uid === process.getuid?.()
    if (!isOurs || (mode & OTHERS_WRITE) !== 0)
      throw unusable(path, 'others may write to it, and it names who gets your identity token: chmod go-w it')
    if (size > MAX_BYTES) throw unusable(path, 'it is too long')
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof CliError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new CliError('usage', `cannot read ${path}`, error)
  }
}

function toContext(given: Partial<Record<keyof typeof SETTINGS, string>>, path: string): Context {
  const set = KEYS.flatMap(key => {
    const value = given[key]
    if (value === undefined) return []
    return [[SETTINGS[key].env, key.endsWith('File') ? fromFile(path, value) : value] as const]
  })
  return Object.fromEntries(set)
}

/** Paths are meant from where the file is, as in a kubeconfig. */
function fromFile(path: string, value: string): string {
  return value.startsWith('~/') ? join(homedir(), value.slice(2)) : resolve(dirname(path), value)
}

function parsed(path: string, parse: () => unknown): unknown {
  try {
    return parse()
  } catch (cause) {
    throw new CliError('usage', `${path} is not YAML`, cause)
  }
}

function unusable(path: string, why: string): CliError {
  return new CliError('usage', `${path}: ${why}`)
}

function describe({ code, path, message }: z.core.$ZodIssue): string {
  const where = path.join('.')
  if (code === 'invalid_key' || code === 'unrecognized_keys')
    return `${where || 'it'}: ${message}; settings are ${KEYS.join(', ')}`
  return where === '' ? 'must have contexts' : `${where}: ${message}`
}
