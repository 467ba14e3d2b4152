import { spawn } from 'node:child_process'
import type { Environment } from '../../../config/read-config.ts'

/** The system's own place for secrets, by the program that comes with it. Each rejects with a KeychainError. */
export interface Keychain {
  /** The program. */
  readonly name: string
  put(account: string, secret: string): Promise<void>
  /** Null: it has none. */
  find(account: string): Promise<string | null>
  remove(account: string): Promise<void>
}

export class KeychainError extends Error {}

const SERVICE = 'leasegate'
/** It may ask its owner for a password. */
const WITHIN_MS = 60_000
const MAX_OUTPUT = 4096
/** errSecItemNotFound, as `security` ends with it. */
const NOT_FOUND_MACOS = 44

/** Null where this system has none that we know. */
export function keychainOf(env: Environment, platform: NodeJS.Platform = process.platform): Keychain | null {
  if (platform === 'linux') return secretTool(env)
  return platform === 'darwin' ? security(env) : null
}

/** Of libsecret, which asks GNOME Keyring, KWallet or KeePassXC over D-Bus. Secrets go and come by pipes, never in arguments. */
function secretTool(env: Environment): Keychain {
  const name = 'secret-tool'
  const attributes = (account: string) => ['service', SERVICE, 'account', account]
  return {
    name,
    put: async (account, secret) => {
      const label = `--label=Leasegate login ${account}`
      const ran = await run(name, ['store', label, ...attributes(account)], secret, env)
      if (ran.code !== 0) throw failed(name, ran)
    },
    find: async account => {
      const ran = await run(name, ['lookup', ...attributes(account)], '', env)
      if (ran.code === 0) return ran.stdout.trim()
      // It ends alike for what is not there and for a keyring that it cannot ask, and complains of that alone.
      if (ran.stderr.trim() === '') return null
      throw failed(name, ran)
    },
    remove: async account => {
      const ran = await run(name, ['clear', ...attributes(account)], '', env)
      if (ran.code !== 0 && ran.stderr.trim() !== '') throw failed(name, ran)
    },
  }
}

/** Of macOS. It reads commands from its input (-i), so that the secret is in nobody's list of processes. */
function security(env: Environment): Keychain {
  const name = '/usr/bin/security'
  const item = (account: string) => ['-s', SERVICE, '-a', account]
  return {
    name,
    put: async (account, secret) => {
      const command = ['add-generic-password', '-U', ...item(account), '-w', secret].join(' ')
      const ran = await run(name, ['-i'], `${command}\n`, env)
      if (ran.code !== 0) throw failed(name, ran)
    },
    find: async account => {
      const ran = await run(name, ['find-generic-password', ...item(account), '-w'], '', env)
      if (ran.code === 0) return ran.stdout.trim()
      if (ran.code === NOT_FOUND_MACOS) return null
      throw failed(name, ran)
    },
    remove: async account => {
      const ran = await run(name, ['delete-generic-password', ...item(account)], '', env)
      if (ran.code !== 0 && ran.code !== NOT_FOUND_MACOS) throw failed(name, ran)
    },
  }
}

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function run(name: string, args: readonly string[], input: string, env: Environment): Promise<Ran> {
  const own = Object.fromEntries(Object.entries(env).filter(([key]) => !key.startsWith('LEASEGATE_')))
  const child = spawn(name, args, { env: own, timeout: WITHIN_MS, stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  child.stdin.on('error', () => undefined).end(input)
  const [stdout, stderr, code] = await Promise.all([child.stdout.toArray(), child.stderr.toArray(), ended]).catch(
    (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'is not installed' : 'cannot be started'
      throw new KeychainError(`${name} ${why}`, { cause })
    },
  )
  const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString().slice(0, MAX_OUTPUT)
  return { code, stdout: text(stdout), stderr: text(stderr) }
}

/** Without its words: what it says of a secret may quote it. */
function failed(name: string, { code }: Ran): KeychainError {
  return new KeychainError(code === null ? `${name} did not end in time` : `${name} ended with ${code}`)
}
