import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { builderIn } from '../node/images/buildah.ts'
import { ensureBases, storeIn } from '../node/images/ensure-images.ts'
import { takeImageFolder } from '../node/images/image-folder.ts'
import { must } from '../process/must.ts'
import type { Report } from '../toolchain/cache.ts'
import { ensureHelm } from '../toolchain/helm.ts'
import { ensureNodeTools } from '../toolchain/node-tools.ts'
import { ensureCosign } from '../toolchain/release-tools.ts'
import { ensureToolchain } from '../toolchain/toolchain.ts'
import { readChangelog } from './changelog.ts'
import { pushChart } from './chart.ts'
import type { ReleaseChoices } from './choices.ts'
import { type ClientFiles, makeFiles } from './client/files.ts'
import { type Bases, type Made, type Making, makeClientImage, makeImage, pushImages } from './image.ts'
import { signerWith } from './sign.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Everything by its digest: what is installed is what was signed. */
export interface Released {
  readonly version: string
  readonly revision: string
  readonly image: string
  /** By platform. */
  readonly images: Readonly<Record<string, string>>
  /** The program of agents and approvers. */
  readonly clientImage: string
  readonly clientImages: Readonly<Record<string, string>>
  readonly chart: string
  /** The same program in files, which stay here. */
  readonly clientFiles: ClientFiles
}

/** Images, lists of what is in them, chart and signatures, in the registry that was named; the files beside them. Needs root. */
export async function release(choices: ReleaseChoices, report: Report): Promise<Released> {
  const { registry, isHere } = choices
  const [cosign, helm] = [await ensureCosign(report), await ensureHelm(report)]
  const out = resolve(choices.out)
  await mkdir(out, { recursive: true })
  const { folder, giveBack } = await takeImageFolder(() => report('waiting for another process that builds images'))
  try {
    const builder = builderIn(storeIn(folder), join(folder, 'images.log'))
    const making: Making = { builder, bases: await basesOf(choices, folder, report), out, ...(await source(choices)) }
    const { version, revision } = making
    // All of it before anything leaves this machine: what cannot be made has no other half in the registry.
    const [ours, small] = [
      await makeKind(making, choices, { name: 'leasegate', make: makeImage }, report),
      await makeKind(making, choices, { name: 'client', make: makeClientImage }, report),
    ]
    report('making the npm package and single files …')
    const clientFiles = await makeFiles(choices.platforms, out)
    const [product, client] = [
      await pushKind(making, choices, ours, report),
      await pushKind(making, choices, small, report),
    ]
    const chart = await pushChart(helm, { registry, isHere, version, out })
    report('signing …')
    const signer = signerWith(cosign, choices.key, isHere)
    for (const reference of [product.image, client.image, chart]) await signer.sign(reference)
    for (const { made, images } of [product, client])
      for (const { platform, sbom } of made) await signer.attest(images[platform] ?? '', sbom)
    const released = {
      ...{ version, revision, image: product.image, images: product.images },
      ...{ clientImage: client.image, clientImages: client.images, chart, clientFiles },
    }
    await writeFile(join(out, 'release.json'), `${JSON.stringify(released, null, 2)}\n`)
    return released
  } finally {
    await giveBack()
  }
}

interface Kind {
  readonly name: string
  readonly make: (making: Making, platform: string) => Promise<Made>
}

interface MadeKind {
  readonly name: string
  /** One for each platform. */
  readonly made: readonly Made[]
}

interface PushedKind extends MadeKind {
  readonly image: string
  readonly images: Readonly<Record<string, string>>
}

async function makeKind(
  making: Making,
  { platforms }: ReleaseChoices,
  { name, make }: Kind,
  report: Report,
): Promise<MadeKind> {
  const made: Made[] = []
  for (const platform of platforms) {
    report(`making ${name} for ${platform} …`)
    made.push(await make(making, platform))
  }
  return { name, made }
}

/** Under one name. */
async function pushKind(
  making: Making,
  { registry, isHere, platforms }: ReleaseChoices,
  { name: kind, made }: MadeKind,
  report: Report,
): Promise<PushedKind> {
  const name = `${registry}/${kind}`
  report(`pushing ${name}:${making.version} …`)
  const { digest, digests } = await pushImages(making, name, made, `--tls-verify=${!isHere}`)
  const images = Object.fromEntries(platforms.map(platform => [platform, `${name}@${digests[platform]}`]))
  return { name: kind, image: `${name}@${digest}`, images, made }
}

/** What is released is what is committed, but for a trial; elsewhere it is a version that the changelog has. */
async function source({ bases, isHere }: ReleaseChoices): Promise<Pick<Making, 'version' | 'revision' | 'epoch'>> {
  const git = async (...args: readonly string[]) => (await must('git', ['-C', ROOT, ...args])).trim()
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string }
  const [head, epoch, changed] = [
    await git('rev-parse', 'HEAD'),
    await git('log', '-1', '--format=%ct'),
    await git('status', '--porcelain'),
  ]
  const { sections } = readChangelog(await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8'))
  if (!isHere && sections.every(section => section.version !== version))
    throw new Error(`CHANGELOG.md has nothing of ${version}`)
  if (changed !== '' && bases !== null) throw new Error('there are changes that are not committed')
  return { version, revision: changed === '' ? head : `${head}-changed`, epoch }
}

async function basesOf({ bases }: ReleaseChoices, folder: string, report: Report): Promise<Bases> {
  if (bases !== null) {
    const { node, runtime, clientRuntime } = bases
    return { node, runtime: () => runtime, clientRuntime: () => clientRuntime, mayBePulled: true }
  }
  const [toolchain, tools] = [await ensureToolchain(report), await ensureNodeTools(report)]
  const { node, runtime, clientRuntime } = await ensureBases({ toolchain, tools, folder, report })
  const here = `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`
  // Of another processor's there are none: upon nothing it can be seen, and not run.
  const upon = (name: string) => (platform: string) => (platform === here ? name : 'scratch')
  return { node, runtime: upon(runtime), clientRuntime: upon(clientRuntime), mayBePulled: false }
}
