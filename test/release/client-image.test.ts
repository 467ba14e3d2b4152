import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Builder, builderIn, said } from '../../local/node/images/buildah.ts'
import { ensureClient, storeIn } from '../../local/node/images/ensure-images.ts'
import { takeImageFolder } from '../../local/node/images/image-folder.ts'
import { whyNoNode } from '../../local/node/packages.ts'
import type { Ran } from '../../local/process/run.ts'
import { NOT_TRIED } from '../../local/testing/count-results.ts'
import { ensureNodeTools } from '../../local/toolchain/node-tools.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'

const ROOT = join(import.meta.dirname, '../..')
const WITHIN_MS = 900_000
const say = (line: string) => console.log(line)
const suite = 'the image of the program of agents and approvers'
const why = whyNoNode()

if (why === null) {
  describe(suite, () => {
    let image: string
    let root: string
    let builder: Builder
    let container: string
    let unlock: () => Promise<void>

    beforeAll(async () => {
      const { folder, giveBack } = await takeImageFolder(() => say('waiting for another process that builds images'))
      unlock = giveBack
      const [toolchain, tools] = [await ensureToolchain(say), await ensureNodeTools(say)]
      image = await ensureClient({ toolchain, tools, folder, report: say })
      builder = builderIn(storeIn(folder), join(folder, 'images.log'))
      container = said(await builder.asked(['from', '--pull-never', image]))
      root = said(await builder.asked(['mount', container]))
    }, WITHIN_MS)

    afterAll(async () => {
      await builder.asked(['rm', container])
      await unlock()
    })

    const runs = (...command: readonly string[]): Promise<Ran> => builder.asked(['run', container, '--', ...command])

    test('runs the program, as nobody, where there is no Node.js beside it', async () => {
      const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
      const ran = await runs('/usr/local/bin/leasegate', 'version')
      expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(`^leasegate ${version} \\(a single file`) })
      const { OCIv1 } = JSON.parse(said(await builder.asked(['inspect', '--type', 'image', image])))
      expect(OCIv1.config).toMatchObject({
        User: '65532:65532',
        Entrypoint: ['/usr/local/bin/leasegate'],
        Labels: { 'org.opencontainers.image.version': version },
      })
    })

    test('lets nobody write the program, and brings licences and names of what is in it', async () => {
      const { mode, uid } = await stat(join(root, 'usr/local/bin/leasegate'))
      expect([mode.toString(8), uid]).toEqual(['100555', 0])
      const held = join(root, 'usr/share/leasegate')
      expect(await readFile(join(held, 'LICENSES.txt'), 'utf8')).toMatch(/^node-/)
      expect(JSON.parse(await readFile(join(held, 'sbom.cdx.json'), 'utf8'))).toMatchObject({ bomFormat: 'CycloneDX' })
    })

    test.each(['sh', 'cat', 'apt-get', 'node', '/nodejs/bin/node'])('has no %s', async program => {
      expect((await runs(program)).code).not.toBe(0)
    })
  })
} else {
  describe(suite, () => test.skip(`${NOT_TRIED}root and buildah`, () => undefined))
}
