import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Builder, builderIn, said } from '../../local/node/images/buildah.ts'
import { ensureBases, storeIn } from '../../local/node/images/ensure-images.ts'
import { whyNoNode } from '../../local/node/packages.ts'
import { lock } from '../../local/process/lock.mjs'
import type { Ran } from '../../local/process/run.ts'
import { packSingle } from '../../local/release/client/single.ts'
import { NOT_TRIED } from '../../local/testing/count-results.ts'
import { cacheRoot } from '../../local/toolchain/cache.ts'
import { ensureNodeTools } from '../../local/toolchain/node-tools.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'

const ROOT = join(import.meta.dirname, '../..')
const IMAGE = 'localhost/leasegate/client:test'
const WITHIN_MS = 900_000
const say = (line: string) => console.log(line)
const suite = 'the image of the program of agents and approvers'
const why = whyNoNode()

if (why === null) {
  describe(suite, () => {
    let directory: string
    let builder: Builder
    let container: string
    let unlock: () => Promise<void>

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'lg-'))
      const folder = join(cacheRoot(), 'node')
      await mkdir(folder, { recursive: true })
      unlock = await lock(`${folder}.lock`, () => say('waiting for another process that builds images'))
      const [toolchain, tools] = [await ensureToolchain(say), await ensureNodeTools(say)]
      const { runtime } = await ensureBases({ toolchain, tools, folder, report: say })
      builder = builderIn(storeIn(folder), join(folder, 'images.log'))
      await packSingle(directory)
      const file = join(ROOT, 'local/release/client/Dockerfile')
      const on = ['--pull-never', '--build-arg', `RUNTIME_IMAGE=${runtime}`]
      await builder.told(['build', ...on, '--file', file, '--tag', IMAGE, directory])
      container = said(await builder.asked(['from', '--pull-never', IMAGE]))
    }, WITHIN_MS)

    afterAll(async () => {
      await builder.asked(['rm', container])
      await builder.asked(['rmi', IMAGE])
      await unlock()
      await rm(directory, { recursive: true, force: true })
    })

    const runs = (...command: readonly string[]): Promise<Ran> => builder.asked(['run', container, '--', ...command])

    test('runs the program, as nobody, without a Node.js beside it being asked', async () => {
      const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
      const ran = await runs('/usr/local/bin/leasegate', 'version')
      expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(`^leasegate ${version} \\(a single file`) })
      const { OCIv1 } = JSON.parse(said(await builder.asked(['inspect', '--type', 'image', IMAGE])))
      expect(OCIv1.config).toMatchObject({
        User: '65532:65532',
        Entrypoint: ['/usr/local/bin/leasegate'],
        Labels: { 'org.opencontainers.image.version': version },
      })
    })

    test('lets nobody write the program, and brings licences', async () => {
      const root = said(await builder.asked(['mount', container]))
      const text = await readFile(join(root, 'usr/share/leasegate/LICENSES.txt'), 'utf8')
      expect(text).toMatch(/^node-/)
      const own = "process.getuid() + ' ' + require('node:fs').statSync('/usr/local/bin/leasegate').mode.toString(8)"
      expect(await runs('/nodejs/bin/node', '-p', own)).toMatchObject({ code: 0, stdout: '65532 100555\n' })
    })

    test.each(['sh', 'cat', 'apt-get'])('has no %s', async program => {
      expect((await runs(program)).code).not.toBe(0)
    })
  })
} else {
  describe(suite, () => test.skip(`${NOT_TRIED}root and buildah`, () => undefined))
}
