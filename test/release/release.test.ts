import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNoNode } from '../../local/node/packages.ts'
import { must } from '../../local/process/must.ts'
import { type Ran, run } from '../../local/process/run.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import type { Released } from '../../local/release/release.ts'
import { NOT_TRIED } from '../../local/testing/count-results.ts'
import { ensureHelm } from '../../local/toolchain/helm.ts'
import { ensureCosign } from '../../local/toolchain/release-tools.ts'
import { type Registry, startRegistry } from './a-registry.ts'

const ROOT = join(import.meta.dirname, '../..')
const WITHIN_MS = 900_000
const say = (line: string) => console.log(line)
const suite = 'a release, in a registry on this machine'
const why = whyNoNode()

type Kind = 'leasegate' | 'client'
const IMAGES = (['leasegate', 'client'] as const).flatMap(kind => ['amd64', 'arm64'].map(name => ({ kind, name })))

interface Index {
  readonly manifests: readonly { readonly digest: string; readonly platform?: { readonly architecture: string } }[]
}

interface Image {
  readonly architecture: string
  readonly config: {
    readonly User: string
    readonly Entrypoint: readonly string[]
    readonly Labels: Readonly<Record<string, string>>
  }
}

interface Sbom {
  readonly components: readonly { readonly name: string; readonly version: string }[]
}

if (why === null) {
  describe(suite, () => {
    const supervisor = new Supervisor()
    let directory: string
    let registry: Registry
    let cosign: string
    let released: Released
    const repository = () => `${registry.address}/leasegate`
    const at = (name: string) => join(directory, name)
    const env = { COSIGN_PASSWORD: 'a password' }

    const release = (out: string) =>
      must(
        process.execPath,
        [join(ROOT, 'local/release.ts'), repository(), '--stand-ins', '--key', at('cosign.key'), '--out', at(out)],
        env,
      )
    const verify = (key: string, reference: string, verb: readonly string[] = ['verify']): Promise<Ran> =>
      run(cosign, [...verb, '--key', key, '--insecure-ignore-tlog=true', '--allow-http-registry', reference])

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'lg-'))
      registry = await startRegistry(supervisor, directory)
      cosign = await ensureCosign(say)
      for (const name of ['cosign', 'other']) {
        await must(cosign, ['generate-key-pair', '--output-key-prefix', at(name)], env)
      }
      await release('first')
      released = JSON.parse(await readFile(at('first/release.json'), 'utf8')) as Released
    }, WITHIN_MS)

    afterAll(async () => {
      await supervisor.stop()
      await rm(directory, { recursive: true, force: true })
    })

    const imagesOf = (kind: Kind) => (kind === 'client' ? released.clientImages : released.images)

    const imageOf = async (kind: Kind, architecture: string): Promise<Image> => {
      const digest = imagesOf(kind)[`linux/${architecture}`]?.split('@')[1]
      const { config } = (await registry.json(`leasegate/${kind}/manifests/${digest}`)) as {
        readonly config: { readonly digest: string }
      }
      return (await registry.json(`leasegate/${kind}/blobs/${config.digest}`)) as Image
    }

    test.each(['leasegate', 'client'] as const)('has one name for the images of both processors: %s', async kind => {
      const index = (await registry.json(`leasegate/${kind}/manifests/${released.version}`)) as Index
      const found = index.manifests.map(each => [`linux/${each.platform?.architecture}`, each.digest])
      expect(Object.keys(imagesOf(kind)).sort()).toEqual(['linux/amd64', 'linux/arm64'])
      for (const [platform = '', digest] of found) expect(imagesOf(kind)[platform]).toContain(`@${digest}`)
      expect(found).toHaveLength(2)
    })

    test.each(IMAGES)('has an image of $kind for $name that is nobody and says what it was made from', async each => {
      const { architecture, config } = await imageOf(each.kind, each.name)
      expect(architecture).toBe(each.name)
      expect(config.User).toBe('65532:65532')
      expect(config.Entrypoint).toEqual(
        each.kind === 'client'
          ? ['/usr/local/bin/leasegate']
          : ['/nodejs/bin/node', '/opt/leasegate/program/leasegate.cjs'],
      )
      expect(config.Labels['org.opencontainers.image.revision']).toBe(released.revision)
      expect(config.Labels['org.opencontainers.image.version']).toBe(released.version)
    })

    test('is signed, each part by its digest, by that key and no other', async () => {
      const { image, images, clientImage, clientImages, chart } = released
      const all = [image, ...Object.values(images), clientImage, ...Object.values(clientImages), chart]
      for (const reference of all) {
        expect(await verify(at('cosign.pub'), reference)).toMatchObject({ code: 0 })
        expect((await verify(at('other.pub'), reference)).code).not.toBe(0)
      }
    })

    test.each(IMAGES)('says under the same key what the image of $kind for $name consists of', async each => {
      const verb = ['verify-attestation', '--type', 'cyclonedx']
      const { code, stdout } = await verify(at('cosign.pub'), imagesOf(each.kind)[`linux/${each.name}`] ?? '', verb)
      expect(code).toBe(0)
      const { payload } = JSON.parse(stdout) as { readonly payload: string }
      const statement = JSON.parse(Buffer.from(payload, 'base64').toString()) as { readonly predicate: Sbom }
      const packages = statement.predicate.components.map(component => component.name)
      expect(packages).toContain('commander')
      expect(packages.includes('ioredis')).toBe(each.kind === 'leasegate')
      // There is no engine for the other one, so its image cannot hold the record itself.
      expect(packages.includes('chdb')).toBe(each.kind === 'leasegate' && each.name === 'amd64')
    })

    test('has a chart that is the one of this checkout, and takes the image by its digest', async () => {
      const helm = await ensureHelm(say)
      const digest = released.image.split('@')[1] ?? ''
      const image = `image.registry=${registry.address},image.repository=leasegate/leasegate,image.digest=${digest}`
      const values = ['--values', join(ROOT, 'helm/leasegate/ci/minimal-values.yaml'), '--set', image]
      const render = (chart: readonly string[]) => must(helm, ['template', 'lg', ...chart, ...values])
      const pulled = await render([`oci://${released.chart}`, '--plain-http'])
      expect(pulled).toContain(`image: ${released.image}\n`)
      expect(pulled).toContain(await render([join(ROOT, 'helm/leasegate')]))
    })

    test('has the files of the program of agents beside it, each by its hash', async () => {
      const { npm, single } = released.clientFiles
      expect(npm.file).toBe(`leasegate-${released.version}.tgz`)
      expect(Object.keys(single)).toEqual(['linux/amd64', 'linux/arm64'])
      for (const { file, sha256 } of [npm, ...Object.values(single)]) {
        const bytes = await readFile(at(`first/${file}`))
        expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(sha256)
      }
    })

    test(
      'comes out the same a second time',
      async () => {
        await release('second')
        const again = JSON.parse(await readFile(at('second/release.json'), 'utf8')) as Released
        expect(again.revision).toBe(released.revision)
        expect(again.images).toEqual(released.images)
        expect(again.clientImages).toEqual(released.clientImages)
        expect(again.clientFiles).toEqual(released.clientFiles)
      },
      WITHIN_MS,
    )
  })
} else {
  describe(suite, () => test.skip(`${NOT_TRIED}root and buildah`, () => undefined))
}
