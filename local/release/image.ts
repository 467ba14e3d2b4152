import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Builder, said } from '../node/images/buildah.ts'

const ROOT = join(import.meta.dirname, '../..')
const LIST = 'localhost/leasegate/release:list'
const PACKAGES = 'localhost/leasegate/release-packages'
/** Where the Dockerfile's first stage leaves its list of packages. */
const SBOM = 'build/leasegate/sbom.cdx.json'

/** What the Dockerfile stands on. */
export interface Bases {
  readonly node: string
  readonly runtime: (platform: string) => string
  /** Those of this machine's own making are nowhere else. */
  readonly mayBePulled: boolean
}

export interface Making {
  readonly builder: Builder
  readonly bases: Bases
  readonly version: string
  readonly revision: string
  /** Time of whatever carries one, seconds since 1970: the same source makes the same bytes. */
  readonly epoch: string
  readonly out: string
}

export interface Made {
  readonly platform: string
  /** In the builder's store. */
  readonly id: string
  /** CycloneDX, of the packages in this image. */
  readonly sbom: string
}

export interface Pushed {
  /** Of the list, under which each finds its own. */
  readonly digest: string
  /** By platform. */
  readonly digests: Readonly<Record<string, string>>
}

/** Those of other processors are put together and not run: nothing is emulated. */
export async function makeImage(making: Making, platform: string): Promise<Made> {
  const { builder, bases, version, revision, epoch, out } = making
  const container = said(await builder.asked(['from', '--pull-never', await makePackages(making, platform)]))
  try {
    const packages = said(await builder.asked(['mount', container]))
    const [id, sbom] = ['id', 'cdx.json'].map(kind => join(out, `${nameOf(platform)}.${kind}`)) as [string, string]
    const args = { RUNTIME_IMAGE: bases.runtime(platform), VERSION: version, REVISION: revision }
    await builder.told([
      ...['build', pull(bases), '--format', 'oci', '--platform', platform, '--timestamp', epoch, '--iidfile', id],
      // In place of the first stage, which would run on that platform.
      ...['--build-context', `packages=${packages}`],
      ...Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
      ROOT,
    ])
    await copyFile(join(packages, SBOM), sbom)
    return { platform, id: await readFile(id, 'utf8'), sbom }
  } finally {
    await builder.asked(['rm', container])
  }
}

/** Each by itself, and then the list of them: only a registry says by what digest it has an image. */
export async function pushImages(
  { builder, out, version }: Making,
  name: string,
  made: readonly Made[],
  tls: string,
): Promise<Pushed> {
  const file = join(out, 'digest')
  const pushed = async (verb: readonly string[], what: string, tag: string) => {
    await builder.told([...verb, tls, '--digestfile', file, what, `docker://${name}:${tag}`])
    return (await readFile(file, 'utf8')).trim()
  }
  // One may be left of a release that was interrupted.
  await builder.asked(['manifest', 'rm', LIST])
  await builder.told(['manifest', 'create', LIST])
  const digests: Record<string, string> = {}
  for (const { platform, id } of made) {
    const digest = await pushed(['push'], id, `${version}-${nameOf(platform)}`)
    digests[platform] = digest
    await builder.told(['manifest', 'add', tls, LIST, `docker://${name}@${digest}`])
  }
  const digest = await pushed(['manifest', 'push', '--all', '--format', 'oci'], LIST, version)
  return { digest, digests }
}

/** The first stage, here: without the embedded engine, which there is for one processor alone, packages are the same for all. */
async function makePackages({ builder, bases }: Making, platform: string): Promise<string> {
  const embedded = platform === 'linux/amd64'
  const name = `${PACKAGES}:${embedded ? 'with' : 'without'}-engine`
  await builder.told([
    ...['build', pull(bases), '--layers', '--format', 'oci', '--target', 'packages', '--tag', name],
    ...['--build-arg', `NODE_IMAGE=${bases.node}`, '--build-arg', `EMBEDDED=${embedded}`],
    ROOT,
  ])
  return name
}

function nameOf(platform: string): string {
  return platform.replace('linux/', '')
}

function pull({ mayBePulled }: Bases): string {
  return mayBePulled ? '--pull' : '--pull-never'
}
