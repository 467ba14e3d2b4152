import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { must } from '../../process/must.ts'
import { cached } from '../../toolchain/cache.ts'

const NODE_MODULES = join(import.meta.dirname, '../../../node_modules/node/node_modules')

/** As Node.js says it: what an executable is for. */
export const HERE = `${process.platform}-${process.arch}`

/** Of npm's package `node-PLATFORM` of our Node.js: our own comes with the package `node`, no lockfile has the others. A new version wants new ones. */
const ELSEWHERE: Readonly<Record<string, { readonly version: string; readonly integrity: string }>> = {
  'linux-arm64': {
    version: '24.21.0',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
}

/** Our Node.js as machines of that kind have it: the folder of its package, with `bin/node` and its licence. */
export async function nodeFor(platform: string): Promise<string> {
  return platform === HERE ? ourOwn() : another(platform)
}

/** What the package `node` brings when it is installed; a later installation of others takes it away for being in no lockfile. */
async function ourOwn(): Promise<string> {
  const folder = join(NODE_MODULES, `node-${HERE}`)
  if (!existsSync(folder)) await must('npm', ['rebuild', 'node'])
  return folder
}

async function another(platform: string): Promise<string> {
  const { version, integrity } = ELSEWHERE[platform] ?? { version: '', integrity: '' }
  if (version !== process.versions.node) throw new Error(`no Node.js ${process.versions.node} is known for ${platform}`)
  const name = `node-${platform}`
  const folder = await cached({
    name: `${name}-${version}`,
    report: () => undefined,
    build: async partial => {
      const said = await must('npm', ['pack', `${name}@${version}`, '--pack-destination', partial, '--silent'])
      const tarball = join(partial, said.trim().split('\n').at(-1) ?? '')
      const hash = createHash('sha512')
        .update(await readFile(tarball))
        .digest('base64')
      if (`sha512-${hash}` !== integrity) throw new Error(`${name}@${version} is not what it was: sha512-${hash}`)
      await must('tar', ['-xzf', tarball, '-C', partial])
    },
  })
  return join(folder, 'package')
}
