import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ran, run } from '../../process/run.ts'
import { logged } from '../../toolchain/logged.ts'

/** What an image adds to the files of its layers. */
export interface ImageConfig {
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly user?: string
  readonly env?: Readonly<Record<string, string>>
  readonly workingDir?: string
}

export interface Layer {
  readonly from: string
  /** Absolute, in the image. */
  readonly to: string
}

export interface Buildah {
  /** An image of these files upon another one, or upon nothing. */
  readonly assemble: (name: string, on: string | null, layers: readonly Layer[], config: ImageConfig) => Promise<void>
  /** The stage named before the last is an image too: what it took long to make is there again when only files after it change. */
  readonly fromDockerfile: (
    name: string,
    context: string,
    stage: { readonly target: string; readonly name: string },
    buildArgs: Readonly<Record<string, string>>,
  ) => Promise<void>
  readonly save: (name: string, file: string) => Promise<void>
  /** Removes what no name leads to any more: each build would leave a whole image behind. */
  readonly prune: () => Promise<void>
}

export interface Builder {
  /** Rejects when it fails; what it says goes to the log. */
  readonly told: (args: readonly string[]) => Promise<void>
  readonly asked: (args: readonly string[]) => Promise<Ran>
}

/** With a store of its own: images that somebody else has on this machine are neither seen nor changed. Needs root. */
export function builderIn(folder: string, logFile: string): Builder {
  const store = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'overlay']
  const env = { BUILDAH_ISOLATION: 'chroot' }
  return {
    told: args => logged('buildah', [...store, ...args], { logFile, env }),
    asked: args => run('buildah', [...store, ...args], { env }),
  }
}

export async function buildah(folder: string, logFile: string): Promise<Buildah> {
  await mkdir(folder, { recursive: true })
  const { told, asked } = builderIn(folder, logFile)
  return {
    assemble: async (name, on, layers, config) => {
      const container = said(await asked(['from', '--pull-never', on ?? 'scratch']))
      try {
        for (const { from, to } of layers) await told(['copy', '--quiet', container, from, to])
        await told(['config', ...configArgs(config), container])
        await told(['commit', '--quiet', '--format', 'docker', container, name])
      } finally {
        await asked(['rm', container])
      }
    },
    fromDockerfile: async (name, context, stage, buildArgs) => {
      // No network of its own: npm reaches its registry. Nothing is pulled: the base images are here by the names that the file has.
      const build = ['build', '--pull-never', '--layers', '--format', 'docker']
      await told([...build, '--target', stage.target, '--tag', stage.name, context])
      const given = Object.entries(buildArgs).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
      await told([...build, '--tag', name, ...given, context])
    },
    save: async (name, file) => {
      await rm(file, { force: true })
      await told(['push', '--quiet', name, `docker-archive:${file}:${name}`])
    },
    prune: async () => {
      // Of a build that was interrupted: it would hold on to its image.
      await told(['rm', '--all'])
      await told(['rmi', '--prune'])
    },
  }
}

function configArgs({ entrypoint, command, user, env = {}, workingDir }: ImageConfig): readonly string[] {
  return [
    ...(entrypoint === undefined ? [] : ['--entrypoint', JSON.stringify(entrypoint)]),
    ...(command === undefined ? [] : ['--cmd', command.join(' ')]),
    ...(user === undefined ? [] : ['--user', user]),
    ...(workingDir === undefined ? [] : ['--workingdir', workingDir]),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
  ]
}

/** What it answered, where nothing but success will do. */
export function said({ code, stdout, stderr }: Ran): string {
  if (code !== 0) throw new Error(`buildah: ${stderr}`)
  return stdout.trim()
}
