import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Builder, said } from '../node/images/buildah.ts'
import { CLIENT_DOCKERFILE } from '../node/images/names.ts'
import { bundleWhole } from './client/bundle.ts'
import { kindFor } from './client/node-for.ts'
import { makeSingle } from './client/single.ts'

const ROOT = join(import.meta.dirname, '../..')
const LIST = 'localhost/leasegate/release:list'
const PACKAGES = 'localhost/leasegate/release-packages'
/** Where the Dockerfile's first stage leaves its list of packages. */
const SBOM = 'build/leasegate/sbom.cdx.json'

/** What the Dockerfiles stand on. */
export interface Bases {
  readonly node: string
  readonly runtime: (platform: string) => string
  readonly clientRuntime: (platform: string) => string
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
  const { builder, bases } = making
  const container = said(await builder.asked(['from', '--pull-never', await makePackages(making, platform)]))
  try {
    const packages = said(await builder.asked(['mount', container]))
    // In place of the first stage, which would run on that platform.
    const instead = ['--build-context', `packages=${packages}`]
    return await build(making, {
      ...{ platform, name: nameOf(platform), sbom: join(packages, SBOM) },
      ...{ args: { RUNTIME_IMAGE: bases.runtime(platform) }, rest: [...instead, ROOT] },
    })
  } finally {
    await builder.asked(['rm', container])
  }
}

/** Of the program of agents and approvers: one file, with the Node.js of that processor in it. */
export async function makeClientImage(making: Making, platform: string): Promise<Made> {
  const context = await mkdtemp(join(tmpdir(), 'lg-client-image-'))
  try {
    const kind = kindFor(platform)
    const file = await makeSingle(await bundleWhole(), kind, context)
    return await build(making, {
      ...{ platform, name: `client-${nameOf(platform)}`, sbom: `${file}.cdx.json` },
      args: { RUNTIME_IMAGE: making.bases.clientRuntime(platform), PLATFORM: kind },
      rest: ['--file', join(ROOT, CLIENT_DOCKERFILE), context],
    })
  } finally {
    await rm(context, { recursive: true, force: true })
  }
}

interface Build {
  readonly platform: string
  /** Of the files that are put into `out`. */
  readonly name: string
  readonly sbom: string
  readonly args: Readonly<Record<string, string>>
  readonly rest: readonly string[]
}

async function build(making: Making, { platform, name, sbom: list, args, rest }: Build): Promise<Made> {
  const { builder, bases, version, revision, epoch, out } = making
  const [id, sbom] = ['id', 'cdx.json'].map(kind => join(out, `${name}.${kind}`)) as [string, string]
  await builder.told([
    ...['build', pull(bases), '--format', 'oci', '--platform', platform, '--timestamp', epoch, '--iidfile', id],
    ...Object.entries({ ...args, VERSION: version, REVISION: revision }).flatMap(([key, value]) => [
      '--build-arg',
      `${key}=${value}`,
    ]),
    ...rest,
  ])
  await copyFile(list, sbom)
  return { platform, id: await readFile(id, 'utf8'), sbom }
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
