import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../process/run.ts'
import { InstallError, type Report } from '../../toolchain/cache.ts'
import type { NodeTools } from '../../toolchain/node-tools.ts'
import type { Toolchain } from '../../toolchain/toolchain.ts'
import { type Buildah, buildah } from './buildah.ts'
import { ensureDebian } from './debian.ts'
import { contextPaths, digest, digestOf } from './files.ts'
import { type ImageNames, readImageNames } from './names.ts'
import { type Recipe, standIns } from './recipes.ts'

const ROOT = join(import.meta.dirname, '../../..')

export interface Images {
  readonly names: ImageNames
  /** Those that the node has not got yet: to be imported, and removed after. */
  readonly archives: readonly Archive[]
}

export interface Archive {
  readonly name: string
  readonly file: string
  readonly imported: () => Promise<void>
}

interface Wanted {
  readonly toolchain: Toolchain
  readonly tools: NodeTools
  /** What is kept from one run to the next: the builder's store, and what the node has. One process at a time. */
  readonly folder: string
  readonly report: Report
}

/** Builds what is not there yet, by content. Needs root. */
export async function ensureImages({ toolchain, tools, folder, report }: Wanted): Promise<Images> {
  const names = await readImageNames(ROOT)
  const debian = await ensureDebian(report)
  const logFile = join(folder, 'images.log')
  await mkdir(join(folder, 'archives'), { recursive: true })
  const builder = await buildah(join(folder, 'builder'), logFile)
  const stamps = stampsIn(folder)
  const archives: Archive[] = []
  const ensure = async (name: string, key: string, build: () => Promise<void>) => {
    try {
      if (!(await stamps.built.has(name, key))) {
        report(`building the image ${name} …`)
        await build()
        await stamps.built.set(name, key)
      }
      if (name !== names.runtime && !(await stamps.imported.has(name, key))) archives.push(await save(name, key))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new InstallError(`could not build the image ${name}: ${why} (log: ${logFile})`, { cause: error })
    }
  }
  const save = async (name: string, key: string): Promise<Archive> => {
    const file = join(folder, 'archives', `${encodeURIComponent(name)}.tar`)
    await builder.save(name, file)
    const imported = async () => {
      await stamps.imported.set(name, key)
      await rm(file)
    }
    return { name, file, imported }
  }
  const code = await digestOf(import.meta.dirname, ['buildah.ts', 'distil.ts', 'recipes.ts'])
  const recipes = standIns(names, { toolchain, tools, debian, npm: await npmFolder() })
  for (const recipe of recipes)
    await ensure(recipe.name, digest([code, ...recipe.from]), () => make(builder, recipe, folder))
  const base = recipes.filter(({ name }) => name === names.node || name === names.runtime)
  const source = await digestOf(ROOT, ['Dockerfile', ...(await contextPaths(ROOT))])
  await ensure(names.product, digest([source, code, ...base.flatMap(({ from }) => from)]), () =>
    builder.fromDockerfile(names.product, ROOT, { target: 'packages', name: names.packages }, { REVISION: source }),
  )
  if (archives.length > 0) await builder.prune()
  return { names, archives }
}

async function make(builder: Buildah, recipe: Recipe, folder: string): Promise<void> {
  const filled = await mkdtemp(join(folder, 'filling-'))
  try {
    await recipe.fill(filled)
    const layers = [...(recipe.layers ?? []), { from: filled, to: '/' }]
    await builder.assemble(recipe.name, recipe.on ?? null, layers, recipe.config)
  } finally {
    await rm(filled, { recursive: true, force: true })
  }
}

interface Stamps {
  readonly has: (name: string, key: string) => Promise<boolean>
  readonly set: (name: string, key: string) => Promise<void>
}

/** By which key each image was built, and by which it was imported. */
function stampsIn(folder: string): { readonly built: Stamps; readonly imported: Stamps } {
  const stamps = (kind: string): Stamps => {
    const file = (name: string) => join(folder, kind, encodeURIComponent(name))
    return {
      has: async (name, key) => (await readFile(file(name), 'utf8').catch(() => '')) === key,
      set: async (name, key) => {
        await mkdir(join(folder, kind), { recursive: true })
        await writeFile(file(name), key)
      },
    }
  }
  return { built: stamps('built'), imported: stamps('imported') }
}

/** The npm that installed our own packages. */
async function npmFolder(): Promise<string> {
  const { stdout } = await run('npm', ['root', '--global'])
  const folder = join(stdout.trim(), 'npm')
  if (!existsSync(folder)) throw new InstallError(`npm is not at ${folder}`)
  return folder
}
