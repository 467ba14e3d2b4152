import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { must } from '../../process/must.ts'
import { cached } from '../../toolchain/cache.ts'

const NODE_MODULES = join(import.meta.dirname, '../../../node_modules/node/node_modules')

/** As Node.js says it: what an executable is for. */
export const HERE = `${process.platform}-${process.arch}`

/** As Node.js calls what registries call by the names before. */
const KINDS: Readonly<Record<string, string>> = { 'linux/amd64': 'linux-x64', 'linux/arm64': 'linux-arm64' }

/** What an image's platform is to Node.js. */
export function kindFor(platform: string): string {
  return KINDS[platform] ?? platform.replace('/', '-')
}

interface Known {
  readonly version: string
  /** Of npm's package `node-PLATFORM`. */
  readonly integrity: string
  /** SHA-256 of the program in it. */
  readonly program: string
}

/** No lockfile has them: the package `node` fetches its own when it is installed. A new version wants new ones. */
const KNOWN: Readonly<Record<string, Known>> = {
  'linux-x64': {
    version: '24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    program: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
  },
  'linux-arm64': {
    version: '24.21.0',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    program: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
  },
}

/** Our Node.js as machines of that kind have it: the folder of its package, with `bin/node` and its licence. */
export async function nodeFor(platform: string): Promise<string> {
  const known = KNOWN[platform]
  if (known?.version !== process.versions.node)
    throw new Error(`no Node.js ${process.versions.node} is known for ${platform}`)
  const folder = platform === HERE ? await ourOwn() : await another(platform, known)
  const program = join(folder, 'bin/node')
  const hash = await hashOf(program, 'sha256', 'hex')
  if (hash !== known.program) throw new Error(`${program} is not the one that is known: ${hash}`)
  return folder
}

/** What the package `node` brings when it is installed; a later installation of others takes it away for being in no lockfile. */
async function ourOwn(): Promise<string> {
  const folder = join(NODE_MODULES, `node-${HERE}`)
  if (!existsSync(folder)) await must('npm', ['rebuild', 'node'])
  return folder
}

async function another(platform: string, { version, integrity }: Known): Promise<string> {
  const name = `node-${platform}`
  const folder = await cached({
    name: `${name}-${version}`,
    report: () => undefined,
    build: async partial => {
      const said = await must('npm', ['pack', `${name}@${version}`, '--pack-destination', partial, '--silent'])
      const tarball = join(partial, said.trim().split('\n').at(-1) ?? '')
      const hash = `sha512-${await hashOf(tarball, 'sha512', 'base64')}`
      if (hash !== integrity) throw new Error(`${name}@${version} is not what it was: ${hash}`)
      await must('tar', ['-xzf', tarball, '-C', partial])
    },
  })
  return join(folder, 'package')
}

async function hashOf(file: string, kind: 'sha256' | 'sha512', as: 'hex' | 'base64'): Promise<string> {
  return createHash(kind)
    .update(await readFile(file))
    .digest(as)
}
