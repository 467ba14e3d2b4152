import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../process/run.ts'
import { InstallError, type Report } from '../../toolchain/cache.ts'
import type { NodeTools } from '../../toolchain/node-tools.ts'
import type { Toolchain } from '../../toolchain/toolchain.ts'
import { type Buildah, buildah, builderIn } from './buildah.ts'
import { clientImage, clientRuntime } from './client-image.ts'
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
  /** By takeImageFolder. */
  readonly folder: string
  readonly report: Report
}

/** Builds what is not there yet, by content. Needs root. */
export async function ensureImages(wanted: Wanted): Promise<Images> {
  const { names, builder, recipes, client, code, built, trying } = await openStore(wanted)
  const { folder } = wanted
  const imported = stampsIn(folder, 'imported')
  const archives: Archive[] = []
  let isNew = false
  const ensure = async (name: string, key: string, build: () => Promise<void>) => {
    isNew = (await built(name, key, build)) || isNew
    if (name === names.runtime || (await imported.has(name, key))) return
    const file = await trying(name, () => saved(builder, folder, name, key))
    const done = async () => {
      await imported.set(name, key)
      await rm(file)
    }
    archives.push({ name, file, imported: done })
  }
  for (const recipe of recipes) {
    await ensure(recipe.name, keyOf(recipe, code), () => make(builder, recipe, folder))
  }
  const small = await client()
  await ensure(names.client, small.key, small.make)
  const base = recipes.filter(({ name }) => name === names.node || name === names.runtime)
  const source = await digestOf(ROOT, ['Dockerfile', ...(await contextPaths(ROOT))])
  await ensure(names.product, digest([source, code, ...base.flatMap(({ from }) => from)]), () =>
    builder.fromDockerfile(names.product, ROOT, { target: 'packages', name: names.packages }, { REVISION: source }),
  )
  if (isNew) await builder.prune()
  return { names, archives }
}

/** What the Dockerfiles stand on, in the same store. */
export async function ensureBases(wanted: Wanted): Promise<Pick<ImageNames, 'node' | 'runtime' | 'clientRuntime'>> {
  const { names, builder, recipes, smallRuntime, code, built } = await openStore(wanted)
  const bases = recipes.filter(({ name }) => name === names.node || name === names.runtime)
  for (const recipe of [...bases, smallRuntime]) {
    await built(recipe.name, keyOf(recipe, code), () => make(builder, recipe, wanted.folder))
  }
  return names
}

/** The image of the program of agents and approvers, in the same store. */
export async function ensureClient(wanted: Wanted): Promise<string> {
  const { names, client, built } = await openStore(wanted)
  const { key, make } = await client()
  await built(names.client, key, make)
  return names.client
}

async function openStore({ toolchain, tools, folder, report }: Wanted) {
  const names = await readImageNames(ROOT)
  const debian = await ensureDebian(report)
  const logFile = join(folder, 'images.log')
  const builder = await buildah(storeIn(folder), logFile)
  const stamps = stampsIn(folder, 'built')
  const trying = <T>(name: string, does: () => Promise<T>): Promise<T> =>
    does().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      throw new InstallError(`could not build the image ${name}: ${why} (log: ${logFile})`, { cause: error })
    })
  const built = async (name: string, key: string, build: () => Promise<void>): Promise<boolean> => {
    if (await stamps.has(name, key)) return false
    report(`building the image ${name} …`)
    await trying(name, build)
    await stamps.set(name, key)
    return true
  }
  const code = await digestOf(import.meta.dirname, ['buildah.ts', 'distil.ts', 'recipes.ts'])
  const recipes = standIns(names, { toolchain, tools, debian, npm: await npmFolder() })
  const smallRuntime = clientRuntime(names, debian)
  const client = async () => {
    const base = keyOf(smallRuntime, code)
    await built(smallRuntime.name, base, () => make(builder, smallRuntime, folder))
    return clientImage({ names, builder: builderIn(storeIn(folder), logFile), folder, base })
  }
  return { names, builder, recipes, smallRuntime, client, code, built, trying }
}

/** Where the builder keeps its images. */
export function storeIn(folder: string): string {
  return join(folder, 'builder')
}

function keyOf({ from }: Recipe, code: string): string {
  return digest([code, ...from])
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

/** The image as a file, which whoever built it before may have left: one that bears the key is whole, and of no other one. */
async function saved(builder: Buildah, folder: string, name: string, key: string): Promise<string> {
  const archives = join(folder, 'archives')
  const file = join(archives, `${encodeURIComponent(name)}-${key}.tar`)
  if (existsSync(file)) return file
  await mkdir(archives, { recursive: true })
  for (const old of await readdir(archives)) {
    if (old.startsWith(`${encodeURIComponent(name)}-`)) await rm(join(archives, old))
  }
  await builder.save(name, `${file}.partial`)
  await rename(`${file}.partial`, file)
  return file
}

interface Stamps {
  readonly has: (name: string, key: string) => Promise<boolean>
  readonly set: (name: string, key: string) => Promise<void>
}

/** By which key each image was built or imported. */
function stampsIn(folder: string, kind: string): Stamps {
  const file = (name: string) => join(folder, kind, encodeURIComponent(name))
  return {
    has: async (name, key) => (await readFile(file(name), 'utf8').catch(() => '')) === key,
    set: async (name, key) => {
      await mkdir(join(folder, kind), { recursive: true })
      await writeFile(file(name), key)
    },
  }
}

/** The npm of the PATH: what it calls its own root is that of whichever Node.js runs it. */
async function npmFolder(): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'command -v npm'])
  const program = await realpath(stdout.trim()).catch(() => '')
  const folder = join(program, '../..')
  if (!existsSync(join(folder, 'bin/npm-cli.js')))
    throw new InstallError(`npm is not in PATH, or not whole: ${program}`)
  return folder
}
