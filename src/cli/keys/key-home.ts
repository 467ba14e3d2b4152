import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { KeyFiles } from '../../identity/keys/keys.ts'
import { CliError } from '../command/cli-error.ts'

/** Where both key files are. */
export interface KeyHome {
  read(): Promise<KeyFiles>
  /** Puts these in the place of what was read; rejects when somebody else changed them meanwhile, where that can be known. */
  replace(files: KeyFiles): Promise<void>
}

export interface KeyHomeOptions {
  readonly dir: string
  readonly secret?: { readonly namespace: string; readonly name: string }
  readonly kubeconfig?: string
  readonly context?: string
  readonly signingKey: string
  readonly publicKey: string
}

export async function keyHome(options: KeyHomeOptions): Promise<KeyHome> {
  return options.secret === undefined ? inFolder(options) : inSecret(options, options.secret)
}

export function parseSecretName(text: string): NonNullable<KeyHomeOptions['secret']> {
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? []
  if (namespace === undefined || name === undefined) throw new InvalidArgumentError('It is NAMESPACE/NAME.')
  return { namespace, name }
}

function inFolder({ dir, signingKey, publicKey }: KeyHomeOptions): KeyHome {
  const [signing, verify] = [join(dir, signingKey), join(dir, publicKey)]
  return {
    read: async () => ({ signing: await read(signing), verify: await read(verify) }),
    // Public keys first: what is to sign must be known before.
    replace: async files => {
      await swap(verify, files.verify, 0o644)
      await swap(signing, files.signing, 0o600)
    },
  }
}

function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CliError('usage', `cannot read ${file}: ${cause.code ?? 'unknown error'}`, cause)
  })
}

/** Whoever reads it sees the old file or the new one. */
async function swap(file: string, text: string, mode: number): Promise<void> {
  const partial = `${file}.${randomUUID()}`
  try {
    await writeFile(partial, text, { mode, flag: 'wx' })
    await rename(partial, file)
  } catch (cause) {
    throw new CliError(
      'usage',
      `cannot write ${file}: ${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}`,
      cause,
    )
  }
}

async function inSecret(
  { kubeconfig, context, signingKey, publicKey }: KeyHomeOptions,
  { namespace, name }: NonNullable<KeyHomeOptions['secret']>,
): Promise<KeyHome> {
  const { connectSecretStore } = await import('../../kubernetes/stores/secret-store.ts')
  const choice = kubeconfig === undefined ? null : { file: kubeconfig, context: context ?? null }
  const store = await connectSecretStore(choice, namespace).catch(toCliError)
  let version = ''
  return {
    read: async () => {
      const found = await store.readVersion(name).catch(toCliError)
      if (found === null) throw new CliError('usage', `there is no Secret ${namespace}/${name}`)
      version = found.version
      const value = (key: string) => {
        const text = found.values[key]
        if (text === undefined) throw new CliError('usage', `the Secret ${namespace}/${name} has no key ${key}`)
        return text
      }
      return { signing: value(signingKey), verify: value(publicKey) }
    },
    replace: async ({ signing, verify }) => {
      const values = { [signingKey]: signing, [publicKey]: verify }
      if (!(await store.update(name, version, values).catch(toCliError))) {
        throw new CliError('refused', `somebody else changed ${namespace}/${name} at this moment: nothing was written`)
      }
    },
  }
}

async function toCliError(error: unknown): Promise<never> {
  const { ClusterError } = await import('../../kubernetes/cluster-error.ts')
  if (!(error instanceof ClusterError)) throw error
  throw new CliError(error.code === 'usage' ? 'usage' : 'unavailable', error.message, error)
}
