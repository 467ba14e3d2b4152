import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bundleWhole } from '../../release/client/bundle.ts'
import { HERE } from '../../release/client/node-for.ts'
import { makeSingle } from '../../release/client/single.ts'
import type { Builder } from './buildah.ts'
import { distil } from './distil.ts'
import { digest, digestOf } from './files.ts'
import { CLIENT_DOCKERFILE, type ImageNames } from './names.ts'
import type { Recipe } from './recipes.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** What the image of the program of agents and approvers stands on: a C++ program's libraries. */
export function clientRuntime({ clientRuntime: name }: ImageNames, debian: string): Recipe {
  return {
    name,
    from: [debian],
    config: { user: '65532', workingDir: '/home/nonroot' },
    fill: folder => distil(debian, folder),
  }
}

export interface ClientImage {
  /** By what is in it: most changes of ours are not. */
  readonly key: string
  readonly make: () => Promise<void>
}

interface Making {
  readonly names: ImageNames
  readonly builder: Builder
  readonly folder: string
  /** Of what it stands on. */
  readonly base: string
}

/** The image that its Dockerfile makes of the single file. */
export async function clientImage({ names, builder, folder, base }: Making): Promise<ClientImage> {
  const bundle = await bundleWhole()
  // All of how it is packed: licences and names of what is in it are in the image as well.
  const how = await digestOf(ROOT, [dirname(CLIENT_DOCKERFILE)])
  const manifest = await readFile(join(ROOT, 'package.json'), 'utf8')
  const key = digest([process.version, base, how, manifest, ...Object.values(bundle.files)])
  const make = async () => {
    const context = await mkdtemp(join(folder, 'filling-'))
    try {
      await makeSingle(bundle, HERE, context)
      const args = { RUNTIME_IMAGE: names.clientRuntime, PLATFORM: HERE }
      await builder.told([
        ...['build', '--pull-never', '--format', 'docker', '--file', join(ROOT, CLIENT_DOCKERFILE)],
        ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
        ...['--tag', names.client, context],
      ])
    } finally {
      await rm(context, { recursive: true, force: true })
    }
  }
  return { key, make }
}
